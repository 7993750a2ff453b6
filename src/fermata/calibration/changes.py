"""What a publication changed: the settings of a group before and after."""

from dataclasses import dataclass

from fermata.calibration.choice import ChosenBy
from fermata.calibration.latest import LatestChoice, LatestChoices
from fermata.thresholds import ALL_GROUPS


@dataclass(frozen=True, slots=True)
class Change:
    """Other settings for a group than before.

    Attributes:
        group: whose, `*` for all recordings.
        old: what was in force; None where the group had no choice of its own.
        new: what is in force now.
    """

    group: str
    old: LatestChoice | None
    new: LatestChoice

    @property
    def chosen_by(self) -> ChosenBy:
        """The rule that the new settings were chosen by."""
        return self.new.chosen_by

    @property
    def reason(self) -> str:
        """One sentence that leads to the new settings."""
        return self.new.reasoning

    @property
    def summary(self) -> str:
        """One line: whose settings, from what, to what."""
        whose = "all recordings" if self.group == ALL_GROUPS else f"group {self.group}"
        before = _numbers(self.old) if self.old else "nothing"
        return f"{whose}: {before} → {_numbers(self.new)}"


def recommendation_changes(
    previous: LatestChoices | None, new: LatestChoices
) -> tuple[Change, ...]:
    """The groups that a streaming client would now be told something else for.

    A group counts as changed when its streaming parameters differ: the silences, the
    threshold where the model takes one, or the model. New figures that lead to the same
    settings are no change. All recordings come first, then the groups by name.

    Args:
        previous: what was in force; None before the first publication, and then everything
            is new.
        new: what is in force now.
    """
    before = _by_group(previous) if previous else {}
    found = (Change(group, before.get(group), choice) for group, choice in _by_group(new).items())
    return tuple(
        each
        for each in found
        if each.old is None or each.old.streaming_parameters != each.new.streaming_parameters
    )


def _by_group(choices: LatestChoices) -> dict[str, LatestChoice]:
    return {ALL_GROUPS: choices.overall, **dict(sorted(choices.groups.items()))}


def _numbers(choice: LatestChoice) -> str:
    return f"{choice.min_turn_silence_ms}/{choice.max_turn_silence_ms} ms for {choice.speech_model}"
