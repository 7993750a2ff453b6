"""All that is known about a session at its end, whichever way it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fermata.live.report import ChannelReport, SessionReport
from fermata.sessions.cleaning import Cleaner
from fermata.sessions.figures import figures
from fermata.sessions.lines import JsonObject, heard_turn, timestamp, turn_object
from fermata.sessions.places import AUDIO_FILE
from fermata.sessions.plan import SessionPlan

Answers = Mapping[tuple[int, int], str]
"""What a language model answered, by channel and order of the turn."""


class SessionState(StrEnum):
    """How a session stands."""

    RUNNING = "running"
    """It is being streamed, or its process died and nobody has looked after it yet."""

    ENDED = "ended"
    """It came to its end, or was told to stop."""

    UNCONFIRMED = "unconfirmed"
    """It came to its end, and the service did not confirm that: its last words may be missing."""

    FAILED = "failed"
    """A channel, the source or our own code failed; what came before is kept."""

    BROKEN_OFF = "broken off"
    """Its process died; what it had written by then is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSession:
    """A session at its end.

    Attributes:
        session: Its name.
        plan: What was to be streamed.
        state: How it ended.
        started_at: When it began to be kept, with a time zone.
        ended_at: When it ended, or was last seen alive.
        report: What it came to.
        answers: What a language model answered.
        error: What went wrong for good.
        keeping_error: Why `turns.jsonl` ends before the session, if so.
        has_audio: Whether there is a recording.
    """

    session: str
    plan: SessionPlan
    state: SessionState
    started_at: datetime
    ended_at: datetime
    report: SessionReport
    answers: Answers
    error: str | None
    keeping_error: str | None
    has_audio: bool


def tidied(kept: KeptSession, cleaner: Cleaner) -> KeptSession:
    """The session with turns and answers as `turns.jsonl` has them: clean, times in whole ms."""
    channels = tuple(_tidied(each, cleaner) for each in kept.report.channels)
    answers = {key: cleaner.text(answer) for key, answer in kept.answers.items()}
    return replace(kept, report=replace(kept.report, channels=channels), answers=answers)


def _tidied(channel: ChannelReport, cleaner: Cleaner) -> ChannelReport:
    lines = (cleaner.clean(turn_object(turn)) for turn in channel.turns)
    return replace(channel, turns=tuple(heard_turn(line) for line in lines))


def started_object(
    session: str, plan: SessionPlan, started_at: datetime, session_ids: list[str]
) -> JsonObject:
    """`session.json` while the session runs."""
    return {
        "session": session,
        "state": SessionState.RUNNING.value,
        "started_at": timestamp(started_at),
        **plan.as_json(),
        "session_ids": session_ids,
    }


def ended_object(kept: KeptSession) -> JsonObject:
    """`session.json` once the session is over."""
    session_ids = [own.session_id for each in kept.report.channels for own in each.sessions]
    return {
        **started_object(kept.session, kept.plan, kept.started_at, session_ids),
        **figures(kept.report),
        "state": kept.state.value,
        "ended_at": timestamp(kept.ended_at),
        "error": kept.error,
        "keeping_error": kept.keeping_error,
        "recording": AUDIO_FILE if kept.has_audio else None,
    }
