"""What is watched, by which rule, and what is said of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Measure(StrEnum):
    """What may move."""

    GAPS = "gaps"
    PAUSES = "pauses"
    MIX = "mix"
    CLOCK = "clock"
    RECOGNISER = "recogniser"


class DriftState(StrEnum):
    """How it stands with one measure of one group."""

    STEADY = "steady"
    WATCHING = "watching"
    DRIFTED = "drifted"


@dataclass(frozen=True, slots=True)
class DriftRule:
    """When a movement counts.

    Attributes:
        baseline_nights: nights that the usual level is learned from, at first.
        fewest_recordings: a night with fewer of a group says nothing about it.
        weight: of the newest night in the moving average, above 0 and at most 1.
        false_alarms_per_year: at most so many are expected of all charts together.
        nights_in_a_row: beyond the limit before a measure counts as drifted.
        nights_to_calm: in a row near the old level before it counts as steady again.
    """

    baseline_nights: int = 28
    fewest_recordings: int = 5
    weight: float = 0.2
    false_alarms_per_year: float = 1.0
    nights_in_a_row: int = 2
    nights_to_calm: int = 5


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """How it stands with one measure of one group after the newest night.

    Attributes:
        group: whose calls, `*` for all.
        measure: of what.
        state: how it stands.
        since: the night on which it came to that; None where it was never otherwise.
        usual: the baseline in the measure's unit (ms, or a share from 0 to 1); None while it
            is being learned.
        now: the moving average in the same unit; None likewise.
        nights: how many nights of the group could be judged, those of the baseline included.
        saw: one line with figures.
        do: one line on what to do about it; `nothing` where steady.
    """

    group: str
    measure: Measure
    state: DriftState
    since: date | None
    usual: float | None
    now: float | None
    nights: int
    saw: str
    do: str
