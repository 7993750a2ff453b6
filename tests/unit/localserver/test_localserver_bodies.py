"""The local server bounds what it reads into memory, and takes recordings of any size."""

from collections.abc import Iterator

import pytest
import requests
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from fermata.localserver import LocalServer
from fermata.localserver.bodies import MOST_JSON_BYTES

TIMEOUT_S = 60
PLACES = ("/v2/transcript", "/v2/live", "/v1/chat/completions")
HEADERS = {
    "Authorization": "any",
    "X-Gladia-Key": "any",
    "Content-Type": "application/json",
}
TOO_LARGE = b'{"audio_url": "' + b"x" * MOST_JSON_BYTES + b'"}'


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer() as one:
        yield one


def in_pieces(body: bytes) -> Iterator[bytes]:
    """Without a length that is told before."""
    for begin in range(0, len(body), 65_536):
        yield body[begin : begin + 65_536]


@pytest.mark.parametrize("place", PLACES)
def test_json_of_more_than_a_megabyte_is_refused(server: LocalServer, place: str) -> None:
    address = f"{server.url}{place}"
    for body in (TOO_LARGE, in_pieces(TOO_LARGE)):
        answer = requests.post(address, data=body, headers=HEADERS, timeout=TIMEOUT_S)
        assert answer.status_code == 413
        assert answer.json()["error"] == "Request body is larger than 1,000,000 bytes"


@pytest.mark.parametrize("place", PLACES)
def test_json_below_it_is_read(server: LocalServer, place: str) -> None:
    body = b'{"audio_url": "' + b"x" * (MOST_JSON_BYTES - 17) + b'"}'
    answer = requests.post(f"{server.url}{place}", data=body, headers=HEADERS, timeout=TIMEOUT_S)
    assert answer.status_code != 413


def test_a_recording_may_be_larger(server: LocalServer) -> None:
    answer = requests.post(
        f"{server.url}/v2/upload", data=TOO_LARGE * 3, headers=HEADERS, timeout=TIMEOUT_S
    )
    assert answer.ok


def test_a_live_session_that_sends_more_in_one_message_is_ended(server: LocalServer) -> None:
    address = f"{server.websocket_url}/v3/ws?sample_rate=16000"
    with connect(address, additional_headers=HEADERS) as session:
        session.recv(timeout=TIMEOUT_S)
        session.send("x" * (MOST_JSON_BYTES + 1))
        with pytest.raises(ConnectionClosedError) as closed:
            session.recv(timeout=TIMEOUT_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_json_that_is_nested_without_end_is_no_defect(server: LocalServer) -> None:
    for place in PLACES:
        address = f"{server.url}{place}"
        answer = requests.post(address, data=b"[" * 10_000, headers=HEADERS, timeout=TIMEOUT_S)
        assert answer.status_code == 400
