"""What the tests of several machines share: an S3 server, and addresses in it of their own."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import s3fs

from fermata.storage import Storage
from tests.scaling.places import SharedPlace, shared_place
from tests.scaling.s3_server import BUCKET, S3Server, running_s3
from tests.unit.ledger.postgres_server import programs, running_postgres


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The server, for all tests of a process."""
    with running_s3(str(tmp_path_factory.mktemp("aws") / "none")) as server:
        yield server


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """The server, with this process and its children set up to use it as a person would."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    # Drivers are kept by their options, and the environment is none of those.
    s3fs.S3FileSystem.clear_instance_cache()
    yield s3_server
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def s3_folder(s3: S3Server) -> str:
    """The address of an empty folder."""
    return f"s3://{BUCKET}/{uuid4().hex}"


@pytest.fixture
def storage(s3_folder: str) -> Storage:
    """An empty data folder."""
    return Storage(s3_folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The template of a PostgreSQL server's URLs."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed: no initdb on the PATH or where Debian has it")
    with running_postgres(folder) as template:
        yield template


@pytest.fixture
def place(s3: S3Server, postgres: str) -> SharedPlace:
    """Data and recordings in S3, and the ledger in PostgreSQL."""
    return shared_place(s3, postgres)
