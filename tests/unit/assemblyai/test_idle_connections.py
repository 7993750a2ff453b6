"""A connection is used again while it is in use, and not once it was idle for long."""

import socket
import threading
from collections.abc import Iterator

import pytest

from fermata.assemblyai import transport
from fermata.assemblyai.transport import Transport
from fermata.localserver.server import KEEP_ALIVE_S
from tests.unit.assemblyai.peers import KEY, peer, request_head

TIMEOUT_S = (60.0, 60.0)
SHORTEST_IDLE_OF_SERVERS_S = 5.0
"""After which uvicorn, as the local server once, and some proxies close a connection."""


class Clock:
    """What the transport takes for the time, in seconds."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(transport, "monotonic", made)
    return made


@pytest.fixture
def connections() -> list[int]:
    """How many requests came over each connection."""
    return []


@pytest.fixture
def client(connections: list[int]) -> Iterator[Transport]:
    def serve(connection: socket.socket) -> None:
        connections.append(0)
        while request_head(connection):
            connections[-1] += 1
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with peer(serve) as url, Transport(url, KEY) as opened:
        yield opened


def test_requests_in_a_row_share_a_connection(
    client: Transport, clock: Clock, connections: list[int]
) -> None:
    for _ in range(3):
        client.get("/v2/transcript", TIMEOUT_S)
        clock.now_s += 3.9
    assert connections == [3]


def test_a_connection_that_was_idle_for_long_is_not_used_again(
    client: Transport, clock: Clock, connections: list[int]
) -> None:
    client.get("/v2/transcript", TIMEOUT_S)
    clock.now_s += 4.1
    client.post_json("/v2/transcript", TIMEOUT_S, {"audio_url": "u"})
    client.get("/v2/transcript", TIMEOUT_S)
    assert connections == [1, 2]


def test_each_thread_minds_its_own_idleness(
    client: Transport, clock: Clock, connections: list[int]
) -> None:
    client.get("/v2/transcript", TIMEOUT_S)
    client.close()
    clock.now_s += 4.1
    other = threading.Thread(target=client.get, args=("/v2/transcript", TIMEOUT_S))
    other.start()
    other.join()
    assert connections == [1, 1]


def test_no_server_closes_what_is_still_used() -> None:
    assert transport._IDLE_S < SHORTEST_IDLE_OF_SERVERS_S < KEEP_ALIVE_S
