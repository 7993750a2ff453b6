"""Messages of the service: what each becomes, and what cannot be read."""

import json

import pytest

from fermata.assemblyai.streaming.messages import known_speaker, read
from fermata.live import errors
from fermata.live.events import Began, Ended, LlmAnswer, Notice, SignOfLife, Turn

pytestmark = pytest.mark.timeout(200)


def parse(message):
    unknown: list[str] = []
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return read(data, unknown.append), unknown


def test_a_real_turn_becomes_an_event():
    event, _ = parse(
        {
            "type": "Turn",
            "turn_order": 3,
            "turn_is_formatted": True,
            "end_of_turn": True,
            "transcript": "Yeah.",
            "utterance": "Yeah.",
            "end_of_turn_confidence": 1.0,
            "words": [
                {
                    "text": "Yeah.",
                    "start": 1000,
                    "end": 1200,
                    "confidence": 0.98,
                    "word_is_final": True,
                    "speaker": "UNKNOWN",
                    "speaker_confidence": 0.1,
                }
            ],
            "speaker_label": "A",
            "language_code": "en",
        }
    )
    assert isinstance(event, Turn)
    assert (event.speaker, event.words[0].speaker, event.language) == ("A", None, "en")
    assert event.words[0].end_ms == 1200


@pytest.mark.parametrize(
    ("label", "known"),
    [("A", "A"), ("1A", "1A"), ("UNKNOWN", None), ("PENDING", None), ("", None), (None, None)],
)
def test_labels_that_stand_for_nobody_are_nobody(label, known):
    assert known_speaker(label) == known


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"type": "Begin", "id": "x", "expires_at": 5}, Began("x", 5, {})),
        ({"type": "Termination"}, Ended(None, None)),
        (
            {"type": "Warning", "warning_code": 1, "warning": "two\nlines"},
            Notice("service_warning", "the service warns: two lines"),
        ),
        (
            {"type": "LLMGatewayResponse", "turn_order": 1, "transcript": "", "data": {}},
            LlmAnswer(1, "", {}),
        ),
        (
            {"type": "LLMGatewayResponse", "turn_order": 1, "transcript": "", "data": [1]},
            LlmAnswer(1, "", {"data": [1]}),
        ),
        ({"type": "Heartbeat", "total_audio_received_ms": 1}, SignOfLife()),
    ],
)
def test_messages_become_events(message, event):
    assert parse(message) == (event, [])


@pytest.mark.parametrize("message", [{"type": "New"}, {"type": 7}, {}, {"type": None}])
def test_messages_of_unknown_types_are_told_and_let_pass(message):
    event, unknown = parse(message)
    assert event == SignOfLife()
    assert unknown == [str(message.get("type"))]


@pytest.mark.parametrize(
    "message",
    [
        b"{",
        b"\xff",
        b"[]",
        b"3",
        b"[" * 100_000,
        b'{"type": "Turn", "turn_order": 0, "end_of_turn": true, "transcript": "\\ud800"}',
        b'{"type": "SpeechStarted", "timestamp": NaN}',
        {"type": "Begin"},
        {"type": "Turn", "turn_order": -1},
        {"type": "Turn", "turn_order": 2**63, "end_of_turn": True},
        {"type": "SpeechStarted", "timestamp": 1e300},
        {"type": "Termination", "session_duration_seconds": -5},
    ],
)
def test_what_cannot_be_read_is_malformed(message):
    with pytest.raises(errors.MalformedMessageError):
        parse(message)


def test_an_error_without_a_type_is_an_error_too():
    with pytest.raises(errors.AuthenticationError):
        parse({"error": "Not authorized"})
