"""A session is deleted at Gladia for good; one that is gone already is as good as deleted."""

from collections.abc import Iterator

import pytest
import requests
from websockets.sync.client import connect

from fermata.assemblyai.errors import (
    AuthenticationError,
    ConnectionFailedError,
    RequestRejectedError,
)
from fermata.assemblyai.retry import RetryPolicy
from fermata.gladia.http import GladiaClient
from fermata.gladia.parameters import LiveRequest
from fermata.localserver import LocalServer, LocalServerConfig

KEY = "dummy-key-of-the-tests-0123456789"
AT_ONCE = RetryPolicy(attempts=2, total_s=1.0, wait_initial_s=0.0, wait_max_s=0.0)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(LocalServerConfig(api_keys=frozenset({KEY}))) as running:
        yield running


def shown(server: LocalServer) -> dict[str, str]:
    """The status of each session, by its id."""
    answer = requests.get(f"{server.url}/v2/live", headers={"x-gladia-key": KEY}, timeout=5)
    return {each["id"]: each["status"] for each in answer.json()["items"]}


def sessions(server: LocalServer) -> list[str]:
    return list(shown(server))


def test_a_session_is_deleted_and_deleting_it_again_is_fine(server: LocalServer) -> None:
    client = GladiaClient(server.url, KEY, retry=AT_ONCE)
    first, second = (client.open(LiveRequest()).session_id for _ in range(2))
    client.delete(first)
    assert sessions(server) == [second]
    client.delete(first)
    assert sessions(server) == [second]


def test_one_that_is_being_streamed_is_left_and_the_key_is_not_blamed(server: LocalServer) -> None:
    client = GladiaClient(server.url, KEY, retry=AT_ONCE)
    opened = client.open(LiveRequest())
    with connect(opened.url.get_secret_value()) as connection:
        while shown(server)[opened.session_id] == "queued":
            connection.ping().wait()
        with pytest.raises(RequestRejectedError, match="not in a deletable state") as refused:
            client.delete(opened.session_id)
    assert "key" not in str(refused.value)


def test_a_wrong_key_deletes_nothing(server: LocalServer) -> None:
    opened = GladiaClient(server.url, KEY).open(LiveRequest()).session_id
    with pytest.raises(AuthenticationError):
        GladiaClient(server.url, "wrong-key-0123456789", retry=AT_ONCE).delete(opened)
    assert sessions(server) == [opened]


def test_a_service_that_is_away_is_told_apart_from_one_that_has_forgotten(
    server: LocalServer,
) -> None:
    client = GladiaClient(server.url, KEY, retry=AT_ONCE)
    server.__exit__(None, None, None)
    with pytest.raises(ConnectionFailedError):
        client.delete("any")
