"""Gladia's own Python SDK holds sessions with the local server."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from tests.contract.streaming_material import FRAME_BYTES, frames, interleaved, likeness, planned
from tests.unit.localserver_streaming.stream_client import until

gladiaio_sdk = pytest.importorskip("gladiaio_sdk", reason="gladiaio-sdk is not installed")

# The SDK raises what it has reported once more, in a thread of its own.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

TIMEOUT_S = 120
OPTIONS = {
    "sample_rate": 16_000,
    "channels": 2,
    "endpointing": 0.3,
    "messages_config": {"receive_partial_transcripts": True, "receive_lifecycle_events": True},
}


@pytest.fixture
def server(known_talk: Path) -> Iterator[LocalServer]:
    config = LocalServerConfig(api_keys=frozenset({"sdk-key"}), references=known_talk)
    with LocalServer(config) as running:
        yield running


@pytest.fixture
def begin(server: LocalServer) -> Iterator[Callable[..., "Session"]]:
    """Begins sessions, and closes what the SDK leaves open."""
    with ExitStack() as stack:

        def begin_one(key: str = "sdk-key") -> Session:
            held = Session(server, key)
            stack.callback(held.live._http_client.close)
            return held

        yield begin_one


class Session:
    """A live session, and everything it told of."""

    def __init__(self, server: LocalServer, key: str) -> None:
        client = gladiaio_sdk.GladiaClient(api_key=key, api_url=server.url)
        self.live = client.live_v2().start_session(OPTIONS)
        self.messages: list = []
        self.errors: list = []
        self.ended: list[int] = []
        self.live.on("message", self.messages.append)
        self.live.on("error", self.errors.append)
        self.live.on("ended", lambda end: self.ended.append(end.code))

    def stream(self, audio: bytes) -> None:
        assert self.live.wait_until_ready(TIMEOUT_S)
        for frame in frames(audio, 4 * FRAME_BYTES):
            self.live.send_audio(frame)

    def stop(self) -> None:
        self.live.stop_recording()
        assert self.live.join(TIMEOUT_S)

    def of(self, kind: str) -> list:
        return [message for message in self.messages if message.type == kind]

    def finals(self, channel: int) -> list[str]:
        data = [one.data for one in self.of("transcript") if one.data.is_final]
        return [one.utterance.text for one in data if one.utterance.channel == channel]


def on_two_channels(samples: bytes) -> bytes:
    return np.repeat(np.frombuffer(samples, dtype="<i2"), 2).tobytes()


def sha256(audio: bytes) -> str:
    return hashlib.sha256(audio).hexdigest()


def test_the_sdk_hears_both_channels_of_a_recording_over_one_socket(server, begin):
    held = begin()
    held.stream(interleaved())
    held.stop()
    for channel in (0, 1):
        assert likeness(held.finals(channel), planned(channel)) > 0.85
    kinds = {message.type for message in held.messages}
    assert kinds >= {
        "start_session",
        "speech_start",
        "speech_end",
        "transcript",
        "post_transcript",
        "post_final_transcript",
        "end_session",
    }
    assert any(not one.data.is_final for one in held.of("transcript"))
    assert (held.ended, held.errors) == ([1000], [])


def test_the_sdk_goes_on_after_a_drop_and_sends_again_what_was_lost(server, begin, talk):
    server.faults.add(parse_fault("ws-message:connection=drop,at_s=2,times=1"))
    audio = on_two_channels(talk)
    held = begin()
    held.stream(audio)
    # A request to stop that is lost with the connection is not made again by the SDK.
    until(lambda: [one.connections for one in server.store.streams.sessions] == [2])
    (record,) = server.store.streams.sessions
    until(lambda: sum(one.audio_bytes for one in record.by_connection) >= len(audio))
    held.stop()
    first, second = record.by_connection
    # The reset may destroy acknowledgements on their way, and what they covered comes again:
    # how much is a matter of the moment. All else comes once, and to the byte.
    resumed_at = len(audio) - second.audio_bytes
    assert 0 < resumed_at <= first.audio_bytes < len(audio)
    assert first.audio_sha256 == sha256(audio[: first.audio_bytes])
    assert second.audio_sha256 == sha256(audio[resumed_at:])
    assert held.ended == [1000]


def test_the_sdk_ends_at_once_where_a_session_is_over(server, begin):
    server.faults.add(parse_fault("ws-message:close=4403,at_s=0.2,times=1"))
    held = begin()
    held.stream(bytes(16 * FRAME_BYTES))
    assert held.live.join(TIMEOUT_S)
    assert held.ended == [4403]
    assert server.store.streams.sessions[0].connections == 1


def test_the_sdk_is_told_of_a_wrong_key(server, begin):
    held = begin("another")
    assert held.live.join(TIMEOUT_S)
    # The SDK asks in a thread of its own: a refusal that comes before somebody listens to
    # "error" ends that thread before it says "ended".
    assert held.ended in ([], [1006])
    assert (held.live.session_id, server.store.streams.sessions) == (None, [])
