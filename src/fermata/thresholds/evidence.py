"""What a weighted set of calls says about policies: figures with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from fermata.replay.pauses import Integers, Numbers
from fermata.thresholds.bootstrap import Draws, interval, symmetric, wilson
from fermata.thresholds.drawn import Drawn
from fermata.thresholds.goal import Goal, Measure, Objective
from fermata.thresholds.models import Estimate, Interval, Judged
from fermata.thresholds.tally import Tally


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """A figure of each policy with its interval; shapes (policies,)."""

    value: Numbers
    low: Numbers
    high: Numbers

    def estimate(self, column: int) -> Estimate:
        """The figure of one policy."""
        ends = Interval(float(self.low[column]), float(self.high[column]))
        return Estimate(float(self.value[column]), ends)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Policies over weighted calls, and over calls drawn again.

    Attributes:
        whole: the sums, shape (policies,).
        samples: the same of each bootstrap sample, shape (samples, policies).
        effective_calls: how many calls they rest on.
        effective_turns: how many turns.
    """

    whole: Drawn
    samples: Drawn
    effective_calls: float
    effective_turns: float

    @classmethod
    def of(cls, rows: Tally, draws: Draws) -> Self:
        """Weighs the rows of a tally."""
        return cls(
            Drawn.of(rows, draws.weights),
            Drawn.of(rows, draws.samples),
            draws.effective_calls,
            draws.effective_turns,
        )

    def at(self, columns: Sequence[int] | Integers) -> Self:
        """The same for some policies alone."""
        cls = type(self)
        some, drawn = self.whole.at(columns), self.samples.at(columns)
        return cls(some, drawn, self.effective_calls, self.effective_turns)

    def bounds(self, measure: Measure) -> Bounds:
        """A measure of each policy."""
        value, samples = self.whole.measure(measure), self.samples.measure(measure)
        if measure.is_share:
            return self._bounds_of_share(self.interval_of(value, samples))
        if measure is Measure.MEAN_WAIT:
            return self._bounds_of_wait(self.interval_of(value, samples))
        # A wait that is exceeded by few is one of two times: nothing lies between or beyond.
        return Bounds(value, *interval(samples, self.effective_calls))

    def cost_bounds(self, exchange_rate_ms: float) -> Bounds:
        """The cost of each policy."""
        return self.interval_of(
            self.whole.cost_ms(exchange_rate_ms), self.samples.cost_ms(exchange_rate_ms)
        )

    def interval_of(self, value: Numbers, samples: Numbers) -> Bounds:
        """Means or rates with the interval that their samples give."""
        low, high = interval(samples, self.effective_calls)
        least, most = symmetric(value, samples, self.effective_calls)
        return Bounds(value, np.minimum(low, least), np.maximum(high, most))

    def _bounds_of_share(self, found: Bounds) -> Bounds:
        low, high = wilson(found.value, self.effective_turns)
        low, high = np.minimum(found.low, low), np.maximum(found.high, high)
        return Bounds(found.value, np.maximum(low, 0), np.minimum(high, 1))

    def _bounds_of_wait(self, found: Bounds) -> Bounds:
        waits_ms = self.whole.wait_ms
        low = np.maximum(found.low, waits_ms.min(axis=0))
        return Bounds(found.value, low, np.minimum(found.high, waits_ms.max(axis=0)))

    def judged(self, column: int, goal: Goal) -> Judged:
        """Everything about one policy."""
        one = self.at([column])
        found = {measure: one.bounds(measure).estimate(0) for measure in Measure}
        sums = one.whole
        return Judged(
            policy=sums.policies[0],
            cut_in_rate=found[Measure.CUT_INS],
            mid_sentence_rate=found[Measure.MID_SENTENCE],
            after_sentence_rate=found[Measure.AFTER_SENTENCE],
            mean_wait_ms=found[Measure.MEAN_WAIT],
            p50_wait_ms=found[Measure.P50_WAIT],
            p90_wait_ms=found[Measure.P90_WAIT],
            p95_wait_ms=found[Measure.P95_WAIT],
            cost_ms=one.cost_bounds(goal.exchange_rate_ms).estimate(0),
            no_fire_rate=_share(sums.no_fires, sums.turns),
            cancelled_share=_share(sums.cancelled_replies, sums.cut_ins),
            cut_ins_per_minute=_share(sums.cut_ins, sums.speech_minutes),
        )


def score_ms(sums: Tally, goal: Goal) -> Numbers:
    """What the goal makes small, in ms per turn; shape (..., policies).

    Cut-ins are told in the waiting they are worth, so that gains of any goal have one unit.
    """
    if goal.objective is Objective.MEAN_WAIT:
        return sums.measure(Measure.MEAN_WAIT)
    if goal.objective is Objective.CUT_INS:
        return goal.exchange_rate_ms * sums.measure(Measure.CUT_INS)
    return sums.cost_ms(goal.exchange_rate_ms)


def _share(part: Numbers, whole: Numbers) -> float:
    return float(part[0] / whole[0]) if whole[0] > 0 else 0.0
