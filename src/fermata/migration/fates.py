"""What becomes of a Gladia configuration: the result of a migration and its parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of one field."""

    MAPPED = "mapped"
    """It has a counterpart with the same meaning."""
    CHANGED = "changed"
    """It was carried over with another value, or to something that works differently."""
    MOVED = "moved"
    """It is no streaming parameter there: the note says where it is done instead."""
    DROPPED = "dropped"
    """Nothing is lost: it is always so there, was switched off, or is implied."""
    UNSUPPORTED = "unsupported"
    """It has no counterpart, and what it did is lost."""
    INVALID = "invalid"
    """Gladia's own documentation does not allow this value; it was not carried over."""
    UNKNOWN = "unknown"
    """No field of Gladia's documentation; it was not carried over."""


@dataclass(frozen=True, slots=True)
class FieldFate:
    """What became of one field of the Gladia configuration.

    Attributes:
        field: its path, as in `realtime_processing.translation_config.target_languages`;
            `[]` stands for every entry of a list, `[3]` for one.
        value: its value there.
        fate: what became of it.
        target: the AssemblyAI parameters it became or comes nearest to, separated by commas;
            None where there are none.
        note: one line for the person who migrates.
    """

    field: str
    value: object
    fate: Fate
    target: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Migration:
    """A Gladia session configuration turned into AssemblyAI's.

    Attributes:
        parameters: streaming parameters by name, for every session.
        sessions: how many sessions the audio needs: one for each channel, each billed.
        fates: every field that was given, by subject; what is invalid or unknown comes last.
        turn_prompt: a prompt with `{{turn}}` for the LLM Gateway that asks, for each turn, for
            what Gladia added to each utterance; None if it added nothing.
        session_prompt: a prompt for the LLM Gateway about the whole transcript, or None.
        notes: lines on what no single field says.
    """

    parameters: Mapping[str, object]
    sessions: int
    fates: tuple[FieldFate, ...]
    turn_prompt: str | None
    session_prompt: str | None
    notes: tuple[str, ...]
