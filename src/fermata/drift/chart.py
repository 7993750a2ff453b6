"""A control chart: the exponentially weighted moving average of the nights, with limits.

S. W. Roberts, Control chart tests based on geometric moving averages, Technometrics 1 (1959);
J. M. Lucas and M. S. Saccucci, Exponentially weighted moving average control schemes,
Technometrics 32 (1990). A small weight finds small lasting shifts and forgives one odd night.

Level and spread are learned from a few nights, which makes false alarms more frequent than with
known ones (L. A. Jones, C. W. Champ, S. E. Rigdon, The performance of exponentially weighted
moving average charts with estimated parameters, Technometrics 43 (2001)). Hence the limit is a
prediction limit: Student's t in place of the normal quantile, and the variance of the level
added to that of the average.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

from fermata.drift.baseline import Baseline, Night
from fermata.drift.models import DriftRule, DriftState

NIGHTS_PER_YEAR = 365

# Beyond this a night is held to be odd rather than far away.
_FARTHEST_SCORE = 4.0
_WATCH_FROM = 0.7
_CALM_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a chart stands after a night.

    Attributes:
        on: the night.
        average: the moving average in spreads.
        state: how it stands.
        since: when it came to that; None where it was never otherwise.
    """

    on: date
    average: float
    state: DriftState
    since: date | None


def limit(baseline: Baseline, rule: DriftRule, charts: int) -> float:
    """How far, in spreads, the average may be off by chance.

    The false alarms allowed per year are shared out among all charts and nights (Bonferroni).

    Args:
        baseline: what is usual.
        rule: allows so many false alarms.
        charts: how many are watched together.
    """
    chance = min(0.5, rule.false_alarms_per_year / (NIGHTS_PER_YEAR * charts))
    variance = rule.weight / (2 - rule.weight) + baseline.level_variance
    return students_t(1 - chance / 2, baseline.freedom) * math.sqrt(variance)


def walk(
    nights: Sequence[Night],
    baseline: Baseline,
    rule: DriftRule,
    *,
    limit: Callable[[date], float],
    least_shift: float,
) -> Iterator[Standing]:
    """Goes through the nights after the baseline.

    Args:
        nights: in order.
        baseline: what is usual.
        rule: when a movement counts.
        limit: of the average on a night, in spreads.
        least_shift: that is worth telling of, on the scale of the nights' values.
    """
    worth = least_shift / baseline.spread
    average, state = 0.0, DriftState.STEADY
    since: date | None = None
    beyond = calm = 0
    for night in nights:
        score = max(-_FARTHEST_SCORE, min(_FARTHEST_SCORE, baseline.score(night)))
        average += rule.weight * (score - average)
        off, most = abs(average), limit(night.on)
        beyond = beyond + 1 if off > max(most, worth) else 0
        calm = calm + 1 if off < max(_CALM_BELOW * most, worth / 2) else 0
        is_near = off <= max(_WATCH_FROM * most, worth)
        entered = next_state(state, rule, beyond=beyond, calm=calm, is_near=is_near)
        if entered is not state:
            state, since = entered, night.on
        yield Standing(night.on, average, state, since)


def next_state(
    state: DriftState, rule: DriftRule, *, beyond: int, calm: int, is_near: bool
) -> DriftState:
    """The state after a night; what has drifted stays so until it is back for some nights.

    Args:
        state: the state before.
        rule: how many nights it takes.
        beyond: for how many nights in a row it was beyond the limit.
        calm: for how many it was near the old level.
        is_near: whether there is no reason to watch.
    """
    if beyond >= rule.nights_in_a_row:
        return DriftState.DRIFTED
    if state is DriftState.DRIFTED:
        return DriftState.STEADY if calm >= rule.nights_to_calm else state
    return DriftState.STEADY if is_near else DriftState.WATCHING


def students_t(probability: float, freedom: int) -> float:
    """A quantile of Student's t above the median.

    By the expansion around the normal quantile of Abramowitz and Stegun 26.7.5, which is off by
    less than 3 % from 10 degrees of freedom on, for tails down to one in 100,000.
    """
    z = NormalDist().inv_cdf(probability)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return math.fsum(term / math.pow(freedom, power) for power, term in enumerate(terms))
