"""The guide's rule: from the average gap to a preset, and from the longest to a label."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from fermata.calibration.presets import Boundaries, PresetName, Presets

if TYPE_CHECKING:
    from fermata.turntaking import GapStatistics


class ChosenBy(StrEnum):
    """The rules that settings can be chosen by."""

    AVERAGE_GAP = "average-gap"
    REPLAY = "replay"


class ChooseBy(StrEnum):
    """The rule that a person asks for.

    `AUTO` takes the replay where the quality gates pass and the calls suffice, else the
    guide's rule; `REPLAY` takes it on thin evidence too, and never against a gate.
    """

    AUTO = "auto"
    AVERAGE_GAP = "average-gap"
    REPLAY = "replay"


Custom = Literal["custom"]
CUSTOM: Custom = "custom"
"""The name of a pair that is none of the presets."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A preset or a pair of its own, and why it was chosen.

    Attributes:
        preset: its name in `presets.toml`, or `custom`.
        title: its name for people; `Balanced (Default)` where there was no gap to go by.
        min_turn_silence_ms: silence that ends a turn which sounds complete.
        max_turn_silence_ms: silence that ends any turn.
        end_of_turn_confidence_threshold: 0 to 1, for models that take one.
        description: what kind of talk it fits.
        use_cases: what the guide recommends it for; empty for a pair of its own.
        reasoning: one sentence that leads to it.
        chosen_by: the rule.
    """

    preset: PresetName | Custom
    title: str
    min_turn_silence_ms: int
    max_turn_silence_ms: int
    end_of_turn_confidence_threshold: float
    description: str
    use_cases: str
    reasoning: str
    chosen_by: ChosenBy


def choose(statistics: "GapStatistics | None", presets: Presets) -> Choice:
    """Picks the preset that the guide picks for an average gap.

    Below 500 ms Aggressive, from 500 ms Balanced, from 1,000 ms Conservative, with the
    boundaries of `presets.toml`; Balanced by default where there is no gap at all.
    """
    if statistics is None:
        default = presets.default
        return _choice(
            presets, default.preset, default.title, default.description, default.reasoning
        )
    name = preset_for(statistics.average_gap_ms, presets.boundaries)
    preset = presets.presets[name]
    reasoning = f"Average gap of {statistics.average_gap_ms:.0f}ms indicates {preset.description}"
    return _choice(presets, name, preset.title, preset.description, reasoning)


def preset_for(average_gap_ms: float, boundaries: Boundaries) -> PresetName:
    """The preset whose range holds an average gap; a boundary belongs to the upper one."""
    if average_gap_ms < boundaries.balanced_from_average_gap_ms:
        return PresetName.AGGRESSIVE
    if average_gap_ms < boundaries.conservative_from_average_gap_ms:
        return PresetName.BALANCED
    return PresetName.CONSERVATIVE


def _choice(
    presets: Presets, name: PresetName, title: str, description: str, reasoning: str
) -> Choice:
    preset = presets.presets[name]
    return Choice(
        preset=name,
        title=title,
        min_turn_silence_ms=preset.min_turn_silence_ms,
        max_turn_silence_ms=preset.max_turn_silence_ms,
        end_of_turn_confidence_threshold=preset.end_of_turn_confidence_threshold,
        description=description,
        use_cases=preset.use_cases,
        reasoning=reasoning,
        chosen_by=ChosenBy.AVERAGE_GAP,
    )


class Variability(StrEnum):
    """The guide's label for the longest gap over the average one."""

    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"

    @property
    def meaning(self) -> str:
        """The guide's words for the label."""
        return _MEANINGS[self]


_MEANINGS = {
    Variability.HIGH: "mixed conversation patterns across files",
    Variability.MODERATE: "some pattern variation",
    Variability.LOW: "consistent conversation rhythm",
}

_HIGH_ABOVE = 3
_MODERATE_ABOVE = 2


def variability_ratio(statistics: "GapStatistics") -> float:
    """The longest gap divided by the average one, at least 1 for positive gaps."""
    return statistics.max_gap_ms / statistics.average_gap_ms


def variability_of(ratio: float) -> Variability:
    """The guide's label: HIGH above 3, MODERATE above 2, otherwise LOW."""
    if ratio > _HIGH_ABOVE:
        return Variability.HIGH
    if ratio > _MODERATE_ABOVE:
        return Variability.MODERATE
    return Variability.LOW
