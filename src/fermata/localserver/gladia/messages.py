"""The messages of a Gladia session; times are in seconds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from statistics import fmean
from typing import Any

from fermata.localserver.gladia.request import MessagesConfig
from fermata.localserver.streaming.language import text_of
from fermata.localserver.streaming.timeline import Word

JsonObject = dict[str, Any]

LANGUAGE = "en"


class Topic(StrEnum):
    """What messages can be asked for by; the values are fields of `MessagesConfig`."""

    PARTIAL = "receive_partial_transcripts"
    FINAL = "receive_final_transcripts"
    SPEECH = "receive_speech_events"
    POST = "receive_post_processing_events"
    ACKNOWLEDGMENT = "receive_acknowledgments"
    ERROR = "receive_errors"
    LIFECYCLE = "receive_lifecycle_events"


def is_wanted(topic: Topic, config: MessagesConfig) -> bool:
    """Whether a session asked for messages of that topic."""
    return bool(getattr(config, topic.value))


def now() -> str:
    """This moment, as the service writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utterance(words: Sequence[Word], channel: int) -> JsonObject:
    """An utterance, or what there is of it."""
    return {
        "text": text_of(words),
        "start": words[0].start_ms / 1000,
        "end": max(word.end_ms for word in words) / 1000,
        "confidence": round(fmean(word.confidence for word in words), 5),
        "channel": channel,
        "language": LANGUAGE,
        "words": [
            {
                "word": word.text,
                "start": word.start_ms / 1000,
                "end": word.end_ms / 1000,
                "confidence": word.confidence,
            }
            for word in words
        ],
    }


def transcript(number: int, said: JsonObject, *, final: bool) -> JsonObject:
    """A transcript message; partial and final ones of an utterance share its id."""
    identity = f"{said['channel']:02d}-{number:08d}"
    return _message("transcript", {"id": identity, "is_final": final, "utterance": said})


def speech(kind: str, at_ms: int, channel: int) -> JsonObject:
    """`speech_start` or `speech_end`."""
    return _message(kind, {"time": at_ms / 1000, "channel": channel})


def audio_acknowledged(first: int, end: int, bytes_per_s: int) -> JsonObject:
    """Some audio was received: which of all bytes of the session."""
    times = [round(first / bytes_per_s, 6), round(end / bytes_per_s, 6)]
    return _answer("audio_chunk", {"byte_range": [first, end], "time_range": times})


def audio_refused(problem: str) -> JsonObject:
    """Some audio could not be read."""
    return {
        "type": "audio_chunk",
        "acknowledged": False,
        "error": {"message": problem},
        "data": None,
    }


def stop_acknowledged(duration_s: float, left_s: float) -> JsonObject:
    """The recording is over; some of it may still be to be worked on."""
    data = {"recording_duration": duration_s, "recording_left_to_process": left_s}
    return _answer("stop_recording", data)


def lifecycle(kind: str, data: JsonObject | None = None) -> JsonObject:
    """`start_session`, `start_recording`, `end_recording` or `end_session`."""
    return {"type": kind} if data is None else _message(kind, data)


def error(code: int, text: str) -> JsonObject:
    """Something the client did wrong."""
    return _message("error", {"code": code, "message": text})


def post(kind: str, data: JsonObject) -> JsonObject:
    """`post_transcript` or `post_final_transcript`."""
    return _message(kind, data)


def summary(text: str) -> JsonObject:
    """`post_summarization`."""
    return {"type": "post_summarization", "error": None, "data": {"results": text}}


def _message(kind: str, data: JsonObject) -> JsonObject:
    """A message with data."""
    return {"type": kind, "data": data}


def _answer(kind: str, data: JsonObject) -> JsonObject:
    """An acknowledgment."""
    return {"type": kind, "acknowledged": True, "error": None, "data": data}
