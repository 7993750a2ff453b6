"""The result of an export: the forms to paste, and what became of each setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fermata.export.units import Fitted
from fermata.migration import Fate

Settings = Mapping[str, object]
"""Settings by name, nested as in the stack's own configuration."""


class Stack(StrEnum):
    """What a choice can be handed over to."""

    ASSEMBLYAI = "assemblyai"
    LIVEKIT = "livekit"
    PIPECAT = "pipecat"
    GLADIA = "gladia"
    DEEPGRAM = "deepgram"
    OPENAI = "openai"
    VAPI = "vapi"


@dataclass(frozen=True, slots=True)
class SettingFate:
    """What became of one setting.

    Attributes:
        setting: AssemblyAI's name; or the stack's, of something that AssemblyAI lacks.
        value: its value in the recommendation; None where it has none.
        fate: `mapped`, `changed` or `unsupported`, as in a migration.
        target: the stack's name for it; None where nothing corresponds.
        sent: its value there, in the stack's unit; None where nothing corresponds.
        note: one line for the person who takes it over.
    """

    setting: str
    value: object
    fate: Fate
    target: str | None
    sent: object
    note: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What shows that a present file is of a form: a name, and how its value begins."""

    name: str
    beginning: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write the settings down for a stack.

    Attributes:
        name: a short name without blanks.
        title: what it is and where it goes, in a line.
        settings: the settings, nested as the stack nests them.
        text: the same, ready to paste.
        fates: what became of each setting in this form.
        marks: any one of them shows that a present file is of this form.
        renamed: names that the stack gave up, each with the one it has now.
    """

    name: str
    title: str
    settings: Settings
    text: str
    fates: tuple[SettingFate, ...]
    marks: tuple[Mark, ...] = ()
    renamed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A recommendation in the names and units of a stack.

    Attributes:
        stack: the stack.
        forms: the ways to write it down; the first is the usual one.
        notes: lines on what no single setting says.
    """

    stack: Stack
    forms: tuple[Form, ...]
    notes: tuple[str, ...] = ()


def carried(
    setting: str, value: object, target: str, sent: Fitted, note: str, *, fate: Fate = Fate.CHANGED
) -> SettingFate:
    """A setting that has a counterpart; clamping is said first and makes it `changed`."""
    if sent.clamping:
        return SettingFate(
            setting, value, Fate.CHANGED, target, sent.value, f"{sent.clamping}; {note}"
        )
    return SettingFate(setting, value, fate, target, sent.value, note)


def lost(setting: str, value: object, note: str) -> SettingFate:
    """A setting that nothing corresponds to."""
    return SettingFate(setting, value, Fate.UNSUPPORTED, None, None, note)


def lost_threshold(threshold: float | None, note: str) -> tuple[SettingFate, ...]:
    """The confidence threshold where nothing corresponds to it, if there is one at all."""
    if threshold is None:
        return ()
    return (lost("end_of_turn_confidence_threshold", threshold, note),)
