"""The lines of `turns.jsonl` and of `fermata stream --json`: one JSON object per happening.

`docs/sessions.md` tells users what stands in them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fermata.live.events import (
    Began,
    Ended,
    Failed,
    Hole,
    Interrupted,
    LiveEvent,
    LlmAnswer,
    Notice,
    SpeechStarted,
    Word,
)
from fermata.live.turns import HeardTurn, TurnState
from fermata.quoting import steers_nothing
from fermata.sessions.cleaning import Cleaner

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

JsonObject = dict[str, Any]

_KINDS: dict[type[LiveEvent], str] = {
    Began: "began",
    SpeechStarted: "speech_started",
    LlmAnswer: "llm_answer",
    Notice: "notice",
    Hole: "hole",
    Interrupted: "interrupted",
    Failed: "failed",
    Ended: "ended",
}
"""Acknowledgements of audio come many times a second and say nothing that is worth keeping."""


def session_object(session: str) -> JsonObject:
    """The first line: the session's name."""
    return {"type": "session", "session": session}


def turn_object(turn: HeardTurn) -> JsonObject:
    """A turn as it stands now; times in whole milliseconds from the start of the source."""
    return {
        "type": "turn",
        "channel": turn.channel,
        "turn_order": turn.order,
        "session_id": turn.session_id,
        "state": turn.state.value,
        "text": turn.text,
        "speaker": turn.speaker,
        "language": turn.language,
        "is_formatted": turn.is_formatted,
        "start_ms": _whole(turn.start_ms),
        "end_ms": _whole(turn.end_ms),
        "first_partial_latency_ms": _whole(turn.first_partial_latency_ms),
        "final_latency_ms": _whole(turn.final_latency_ms),
        "words": [_word_object(word) for word in turn.words],
    }


def event_object(channel: int, event: LiveEvent) -> JsonObject | None:
    """What happened on a channel; None for what is not worth a line."""
    kind = _KINDS.get(type(event))
    return None if kind is None else {"type": kind, "channel": channel, **fields_of(event)}


def end_object(session: str, figures: JsonObject) -> JsonObject:
    """The last line: what the session came to."""
    return {"type": "end", "session": session, **figures}


def heard_turn(line: Mapping[str, Any]) -> HeardTurn:
    """Reads a turn back from its line.

    Raises:
        KeyError, ValueError: The line holds no turn.
    """
    return HeardTurn(
        channel=line["channel"],
        order=line["turn_order"],
        session_id=line["session_id"],
        text=line["text"],
        words=tuple(Word(**word) for word in line["words"]),
        speaker=line["speaker"],
        language=line["language"],
        state=TurnState(line["state"]),
        is_formatted=line["is_formatted"],
        first_partial_latency_ms=line["first_partial_latency_ms"],
        final_latency_ms=line["final_latency_ms"],
    )


class LineWriter:
    """Turns objects into lines, each with the moment it was made.

    Args:
        cleaner: Takes secrets out.
    """

    def __init__(self, cleaner: Cleaner) -> None:
        self._cleaner = cleaner

    def line(self, thing: JsonObject) -> str:
        """One line with its line break."""
        stamped = {"type": thing["type"], "written_at": timestamp(datetime.now(UTC)), **thing}
        cleaned = self._cleaner.clean(stamped)
        text = json.dumps(cleaned, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return f"{steers_nothing(text)}\n"


def read_lines(data: bytes) -> Iterator[JsonObject]:
    """Reads lines back.

    What is no whole object is passed over: a process that was killed, or a disk that was
    full, leaves a last line that is torn.
    """
    for line in data.split(b"\n"):
        try:
            thing = json.loads(line)
        except ValueError:
            continue
        if isinstance(thing, dict) and "type" in thing:
            yield thing


def newest_turns(turns: Iterable[HeardTurn]) -> tuple[HeardTurn, ...]:
    """The last state of each turn, in order, without those withdrawn."""
    newest = {(turn.channel, turn.order): turn for turn in turns}
    kept = (newest[key] for key in sorted(newest))
    return tuple(turn for turn in kept if turn.state is not TurnState.WITHDRAWN)


def timestamp(moment: datetime) -> str:
    """A moment in UTC to the millisecond: `2026-11-21T03:10:53.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fields_of(thing: "DataclassInstance") -> JsonObject:
    """The fields of a dataclass, times in whole milliseconds."""
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {
        name: _whole(value) if name.endswith("_ms") else value for name, value in values.items()
    }


def _word_object(word: Word) -> JsonObject:
    return {
        "text": word.text,
        "start_ms": _whole(word.start_ms),
        "end_ms": _whole(word.end_ms),
        "confidence": word.confidence,
        "is_final": word.is_final,
        "speaker": word.speaker,
    }


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)
