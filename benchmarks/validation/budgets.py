"""Whether budgets that were met in some calls are kept in others."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.validation.ground import NAMED
from benchmarks.validation.trials import Trial
from fermata.replay.pauses import Flags, Numbers
from fermata.thresholds import VENDOR_DEFAULT, parse_goal
from fermata.thresholds.evidence import score_ms
from fermata.thresholds.goal import Goal, Measure
from fermata.thresholds.search import Budgets, ranked
from fermata.thresholds.tally import Tally

GOALS = (
    "mid-sentence <= 5 %",
    "cut-ins <= 20 %",
    "mean wait <= 800 ms",
    "P90 wait <= 1 s",
    "no slower than balanced",
)
"""The budgets that are tried, each by itself."""

# What budgets are held against is summed in another order than the limit was.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a budget in one trial; None where no pair met it in the fitted calls.

    Attributes:
        goal: the budget.
        surely: whether the pair that met it on the upper bound keeps it in the judged calls.
        naively: the same of the pair that met it on the estimate alone.
    """

    goal: str
    surely: bool | None
    naively: bool | None


def kept_in(trial: Trial) -> Iterator[Kept]:
    """Every budget."""
    usual = NAMED[VENDOR_DEFAULT]
    for text in GOALS:
        goal = parse_goal(text)
        fitted = trial.fitted
        order = ranked(score_ms(fitted.whole, goal), fitted.whole, usual)
        kept = within(trial.judged, goal)
        sure = Budgets.of(fitted, goal, NAMED).met[order]
        likely = within(fitted.whole, goal)[order]
        yield Kept(text, _first(kept[order], sure), _first(kept[order], likely))


def within(sums: Tally, goal: Goal) -> Flags:
    """Which policies are within a goal's limits, as far as these calls go."""
    found: Flags = np.ones(len(sums.policies), np.bool_)
    for budget in goal.budgets:
        found &= sums.measure(budget.measure) <= budget.at_most + _ROUNDING
    wait_ms: Numbers = sums.measure(Measure.MEAN_WAIT)
    for name in goal.no_slower_than:
        found &= wait_ms <= wait_ms[sums.policies.index(NAMED[name])] + _ROUNDING
    return found


def _first(values: Flags, chosen: Flags) -> bool | None:
    """The value of the first one that is chosen."""
    return bool(values[np.argmax(chosen)]) if chosen.any() else None
