"""The vendor's own Python SDK holds sessions with the local server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import assemblyai as aai
import pytest
import requests
from assemblyai.streaming.v3 import (
    RealTimeEvents,
    RealTimeParameters,
    RealTimeSessionParameters,
    RealTimeTranscriber,
    RealTimeTranscriberOptions,
)
from assemblyai.streaming.v3.models import LLMGatewayConfig, LLMGatewayMessage

from fermata.localserver import LocalServer, parse_fault
from tests.contract.streaming_material import channels, frames, likeness, planned

# The SDK still calls pydantic's old names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TIMEOUT_S = 120


class Session:
    """A transcriber, and every event it told of."""

    def __init__(self, transcriber: RealTimeTranscriber) -> None:
        self.transcriber = transcriber
        self.events: list[object] = []
        self.failed = Event()
        for kind in RealTimeEvents:
            transcriber.on(kind, lambda _, event: self.events.append(event))
        transcriber.on(RealTimeEvents.Error, lambda _, event: self.failed.set())

    def of(self, kind: str) -> list:
        return [event for event in self.events if type(event).__name__ == kind]

    def finals(self) -> list[str]:
        turns = [turn for turn in self.of("TurnEvent") if turn.end_of_turn]
        return [turn.transcript for turn in turns if turn.transcript]

    def stream(self, audio: bytes) -> None:
        """Streams some audio at once: the server counts in audio time."""
        for frame in frames(audio):
            self.transcriber.stream(frame)


@contextmanager
def session(server: LocalServer, key: str = "sdk-key", **parameters: object) -> Iterator[Session]:
    # How long the engine takes to hear the rest is the machine's affair.
    options = RealTimeTranscriberOptions(
        api_key=key, api_host=server.websocket_url, terminate_timeout=TIMEOUT_S
    )
    held = Session(RealTimeTranscriber(options))
    asked = {"sample_rate": 16_000, "speech_model": "u3-rt-pro", **parameters}
    held.transcriber.connect(RealTimeParameters(**asked))
    try:
        yield held
    finally:
        held.transcriber.disconnect(terminate=True)


def test_the_sdk_hears_both_channels_of_a_recording(server):
    def hear(audio: bytes) -> Session:
        with session(server) as held:
            held.stream(audio)
        return held

    with ThreadPoolExecutor(2) as pool:
        heard = list(pool.map(hear, channels()))
    for number, one in enumerate(heard):
        assert likeness(one.finals(), planned(number)) > 0.85
        assert len(one.of("BeginEvent")) == len(one.of("TerminationEvent")) == 1
        assert one.of("BeginEvent")[0].configuration.model == "u3-rt-pro"
        assert one.of("SpeechStartedEvent")
        assert not one.failed.is_set()


def test_the_sdk_gets_partials_speakers_and_answers_of_a_model(server, talk):
    question = LLMGatewayConfig(
        model="any",
        messages=[LLMGatewayMessage(role="user", content="Sum up.\n\nTranscript: {{turn}}")],
        max_tokens=50,
    )
    with session(
        server,
        speech_model="universal-streaming-english",
        format_turns=True,
        speaker_labels=True,
        llm_gateway=question,
        session_heartbeat=True,
    ) as held:
        held.stream(talk)
    turns = held.of("TurnEvent")
    assert any(not turn.end_of_turn and turn.words for turn in turns)
    ended = [turn for turn in turns if turn.end_of_turn and turn.transcript]
    assert {turn.speaker_label for turn in ended} == {"A"}
    answers = held.of("LLMGatewayResponseEvent")
    assert [one.turn_order for one in answers] == [turn.turn_order for turn in ended]
    assert "words" in answers[0].data["choices"][0]["message"]["content"]


def test_the_sdk_changes_a_session_and_ends_turns(server, talk):
    with session(server) as held:
        held.transcriber.set_params(RealTimeSessionParameters(min_turn_silence=2000))
        held.transcriber.keep_alive()
        held.stream(talk[: 32_000 * 2])
        held.transcriber.force_endpoint()
    assert len(held.finals()) == 1


def test_the_sdk_is_told_of_a_wrong_key(server):
    with session(server, key="another") as held:
        assert held.failed.wait(TIMEOUT_S)
    (error,) = held.of("RealTimeError")
    assert (error.code, str(error)) == (1008, "Unauthorized Connection: Invalid API key")
    assert not held.of("BeginEvent")


def test_the_sdk_is_told_of_a_wrong_parameter(server):
    with session(server, max_speakers=99) as held:
        assert held.failed.wait(TIMEOUT_S)
    (error,) = held.of("RealTimeError")
    assert error.code == 3006
    assert str(error).startswith("User Input Validation Error: Invalid 'max_speakers'")


def test_the_sdk_is_told_of_frames_that_are_too_long(server):
    with session(server) as held:
        held.transcriber.stream(bytes(38_400))
        assert held.failed.wait(TIMEOUT_S)
    assert held.of("RealTimeError")[0].code == 3007


def test_the_sdk_sees_a_drop_in_mid_session(server):
    server.faults.add(parse_fault("ws-message:connection=drop,at_s=1,times=1"))
    with session(server) as held:
        held.stream(bytes(64_000))
        assert held.failed.wait(TIMEOUT_S)
    assert held.of("RealTimeError")[0].code == 1006


def test_the_sdk_survives_messages_that_it_does_not_know(server):
    server.faults.add(parse_fault("ws-message:message=unknown,at_s=0,times=1"))
    with session(server) as held:
        held.stream(bytes(16_000))
    assert held.of("TerminationEvent")
    assert not held.failed.is_set()


def test_a_token_of_the_server_is_enough_for_the_sdk(server):
    answer = requests.get(
        f"{server.url}/v3/token",
        params={"expires_in_seconds": 60},
        headers={"Authorization": "sdk-key"},
        timeout=60,
    )
    options = RealTimeTranscriberOptions(
        token=answer.json()["token"], api_host=server.websocket_url
    )
    held = Session(RealTimeTranscriber(options))
    held.transcriber.connect(RealTimeParameters(sample_rate=16_000, speech_model="u3-rt-pro"))
    held.transcriber.disconnect(terminate=True)
    assert held.of("TerminationEvent")


def test_the_sdk_asks_the_gateway(server):
    settings = aai.Settings(api_key="sdk-key", llm_gateway_base_url=server.url)
    client = aai.Client(settings=settings)
    completion = aai.LLMGateway(client=client).chat.completions.create(
        model="any", messages=[{"role": "user", "content": "three small words"}]
    )
    assert completion.choices[0].message.content == "3 words: “three small words”"
    assert completion.usage.prompt_tokens == 3
    client.http_client.close()
