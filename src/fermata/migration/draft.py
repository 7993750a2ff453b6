"""A migration in the making: the rules write into it, field by field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fermata.migration.fates import Fate, FieldFate


@dataclass(slots=True)
class Draft:
    """What the rules have settled so far.

    Attributes:
        config: the Gladia configuration as it was given.
        speech_model: the model of the new sessions, chosen before any rule runs.
        parameters: streaming parameters so far.
        fates: fields settled so far.
        turn_tasks: what the LLM Gateway is to do with each turn.
        session_tasks: what it is to do with the whole transcript.
        notes: lines on what no single field says.
        sessions: one for each channel.
    """

    config: Mapping[str, object]
    speech_model: str
    parameters: dict[str, object]
    fates: list[FieldFate] = field(default_factory=list)
    turn_tasks: list[str] = field(default_factory=list)
    session_tasks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sessions: int = 1

    def settle(
        self, path: str, value: object, fate: Fate, note: str, target: str | None = None
    ) -> None:
        """Writes down what became of the field at `path`."""
        self.fates.append(FieldFate(path, value, fate, target, note))

    def given(self, path: str) -> object:
        """The value that the Gladia configuration has at `path`, None where it has none."""
        value: object = self.config
        for part in path.split("."):
            if not isinstance(value, Mapping):
                return None
            value = value.get(part)
        return value


Rule = Callable[[Draft, str, object], None]
"""Settles one field, given the draft, the field's path and its value (valid by Gladia's rules)."""


def always(fate: Fate, note: str, target: str | None = None) -> Rule:
    """A rule that treats every value alike."""

    def rule(draft: Draft, path: str, value: object) -> None:
        draft.settle(path, value, fate, note, target)

    return rule


def by_switch(on: Rule, off: Rule) -> Rule:
    """A rule for a boolean field."""

    def rule(draft: Draft, path: str, value: object) -> None:
        (on if value else off)(draft, path, value)

    return rule


def if_enabled(switch: str, rule: Rule) -> Rule:
    """A rule for the details of something that is only done while `switch` is on."""

    def guarded(draft: Draft, path: str, value: object) -> None:
        if draft.given(switch) is True:
            rule(draft, path, value)
        else:
            draft.settle(path, value, Fate.DROPPED, f"{switch} is off, so Gladia ignored it")

    return guarded


SWITCHED_OFF = always(Fate.DROPPED, "it was off")
