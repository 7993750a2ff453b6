"""An S3 server for the tests: moto's, on a free port, with one bucket and one user's key."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import requests
from moto.server import ThreadedMotoServer

BUCKET = "calls"
_REGION = "us-east-1"
_EVERYTHING = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}"""


@dataclass(frozen=True)
class S3Server:
    """A server that is up, and the variables by which any process finds it."""

    url: str
    environment: dict[str, str]

    def client(self) -> Any:
        """A client that knows nothing of fsspec, as another program would use."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=_REGION,
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def keys(self, prefix: str = "") -> list[str]:
        """The names of all objects below a prefix."""
        pages = self.client().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=BUCKET, Prefix=prefix)
        return [each["Key"] for page in found for each in page.get("Contents", ())]

    @contextmanager
    def asking_for_keys(self) -> Iterator[None]:
        """Lets only the user's key in, where before it was any."""
        before = self._ask_for_keys_after("0")
        try:
            yield
        finally:
            self._ask_for_keys_after(before)

    def _ask_for_keys_after(self, actions: str) -> str:
        answer = requests.post(f"{self.url}/moto-api/reset-auth", data=actions, timeout=10)
        return str(answer.json()["PREVIOUS_INITIAL_NO_AUTH_ACTION_COUNT"])


@contextmanager
def running_s3(no_file: str) -> Iterator[S3Server]:
    """Runs a server until the block ends.

    Args:
        no_file: the path of a file that does not exist, in place of a person's credentials.
    """
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        variables = {
            "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": no_file,
            "AWS_SHARED_CREDENTIALS_FILE": no_file,
        }
        made = S3Server(url, {**variables, **_users_key(url)})
        made.client().create_bucket(Bucket=BUCKET)
        yield made
    finally:
        server.stop()


def _users_key(url: str) -> dict[str, str]:
    """A user with all rights; moto checks keys of users that it knows."""
    dummy = {"aws_access_key_id": "dummy", "aws_secret_access_key": "dummy"}
    iam = boto3.client("iam", endpoint_url=url, region_name=_REGION, **dummy)
    iam.create_user(UserName="fermata")
    iam.put_user_policy(UserName="fermata", PolicyName="all", PolicyDocument=_EVERYTHING)
    key = iam.create_access_key(UserName="fermata")["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
