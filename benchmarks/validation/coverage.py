"""How often intervals hold what they promise to hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from benchmarks.validation.ground import NAMED
from benchmarks.validation.trials import Trial
from fermata.thresholds import VENDOR_DEFAULT, Estimate, Goal, Interval, Measure
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.study import Study
from fermata.thresholds.tally import Tally

GAIN = "gain"
COST = "J"
AT_BEST = "best pair"

MEASURES = {
    "cut-ins": Measure.CUT_INS,
    "mid-sentence": Measure.MID_SENTENCE,
    "mean wait": Measure.MEAN_WAIT,
}

# Sums in another order differ by so much.
_ROUNDING = 1e-6

TWO_HALVES = sqrt(2)
"""By how much the spread of a difference exceeds that of either of two independent halves."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Whether one interval held the figure that it was about.

    Attributes:
        figure: what it is a figure of.
        policy: whose.
        error: 0 where it did; -1 where the figure was below it, 1 where above.
        is_exact: whether the interval has no width, as that of a constant wait.
    """

    figure: str
    policy: str
    error: int
    is_exact: bool


def searched_covers(trial: Trial, widened: float) -> Iterator[Cover]:
    """Every figure at the best pair, and its gain over each named policy as the present one.

    Args:
        trial: its judged calls tell the figures.
        widened: by how much intervals are widened: `TWO_HALVES`, or 1.
    """
    goal, usual = Goal(), NAMED[VENDOR_DEFAULT]
    judged_ms = trial.judged.cost_ms(goal.exchange_rate_ms)
    for name, present in NAMED.items():
        found = Study.of(trial.fitted, goal, NAMED, present, usual)
        if present == usual:
            yield from _best(trial, found, widened)
        assert found.gain_ms is not None
        truth_ms = float(judged_ms[trial.ground.column(present)] - judged_ms[found.best])
        yield covered(GAIN, name, found.gain_ms, truth_ms, widened)


def fixed_covers(trial: Trial, widened: float) -> Iterator[Cover]:
    """Every figure at the named policies alone."""
    for name, policy in NAMED.items():
        yield from _at(trial, name, trial.ground.column(policy), widened)


def _best(trial: Trial, found: Study, widened: float) -> Iterator[Cover]:
    judged, truths = found.best_judged, _truths(trial.judged, found.best)
    estimates = {
        "cut-ins": judged.cut_in_rate,
        "mid-sentence": judged.mid_sentence_rate,
        "mean wait": judged.mean_wait_ms,
        COST: judged.cost_ms,
    }
    for figure, estimate in estimates.items():
        yield covered(figure, AT_BEST, estimate, truths[figure], widened)


def _at(trial: Trial, name: str, column: int, widened: float) -> Iterator[Cover]:
    found, truths = _figures(trial.fitted, column), _truths(trial.judged, column)
    for figure, estimate in found.items():
        yield covered(figure, name, estimate, truths[figure], widened)


def _figures(fitted: Evidence, column: int) -> dict[str, Estimate]:
    one = fitted.at([column])
    found = {name: one.bounds(measure).estimate(0) for name, measure in MEASURES.items()}
    return {**found, COST: one.cost_bounds(Goal().exchange_rate_ms).estimate(0)}


def _truths(judged: Tally, column: int) -> dict[str, float]:
    one = judged.at([column])
    found = {name: float(one.measure(measure)[0]) for name, measure in MEASURES.items()}
    return {**found, COST: float(one.cost_ms(Goal().exchange_rate_ms)[0])}


def covered(figure: str, policy: str, estimate: Estimate, truth: float, widened: float) -> Cover:
    """Holds an interval against a figure."""
    ends = _widened(estimate, widened)
    error = int(truth > ends.high + _ROUNDING) - int(truth < ends.low - _ROUNDING)
    return Cover(figure, policy, error, bool(np.isclose(ends.low, ends.high)))


def _widened(estimate: Estimate, by: float) -> Interval:
    value, ends = estimate.value, estimate.interval
    return Interval(value - by * (value - ends.low), value + by * (ends.high - value))
