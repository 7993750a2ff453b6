"""What searching does to the figures of its winner, from searching again.

The best of many policies looks better on the calls it was chosen on than it is. How much so, and
how surely, is estimated as for regression models (Efron 1983; Harrell 2015, section 5.3.4): choose
again in each bootstrap sample, and see how much worse that winner does on all calls than in the
sample that chose it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from fermata.replay.pauses import Flags, Integers, Numbers
from fermata.thresholds.bootstrap import interval, symmetric
from fermata.thresholds.evidence import Evidence, score_ms
from fermata.thresholds.goal import Goal, Measure
from fermata.thresholds.models import Estimate, Interval, Judged
from fermata.thresholds.tally import Tally


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A search, and the same search in each bootstrap sample.

    Attributes:
        evidence: the policies searched.
        goal: what was sought.
        best: the column of the winner.
        winners: the policies that win in some sample, alone.
        chosen: the column among these of each sample's winner, shape (samples,).
    """

    evidence: Evidence
    goal: Goal
    best: int
    winners: Evidence
    chosen: Integers

    @classmethod
    def of(cls, evidence: Evidence, goal: Goal, best: int, allowed: Flags) -> Self:
        """Searches again.

        Args:
            evidence: the policies.
            goal: what is sought.
            best: the column of the best policy, taken as well where a sample allows none.
            allowed: which policies meet the budgets in each sample, shape (samples, policies).
        """
        candidates = np.where(allowed, score_ms(evidence.samples, goal), np.inf)
        chosen = np.where(allowed.any(axis=1), candidates.argmin(axis=1), best)
        columns, at = np.unique(chosen, return_inverse=True)
        return cls(evidence, goal, best, evidence.at(columns), at)

    def judged(self) -> Judged:
        """The winner's figures as they were replayed, with intervals that reach further up.

        The upper ends allow for what the search has flattered; without that, 95 % intervals hold
        the truth in 87 % where there are few calls (`docs/appendix/validation.md`). A measure
        that the goal limits keeps the interval that it was held against the limit with. Quantiles
        of the wait are one of two times, which chance moves little.
        """
        found = self.evidence.judged(self.best, self.goal)
        errors_ms = self._errors(lambda sums: sums.cost_ms(self.goal.exchange_rate_ms))
        return replace(
            found,
            cut_in_rate=self._widened(found.cut_in_rate, Measure.CUT_INS),
            mid_sentence_rate=self._widened(found.mid_sentence_rate, Measure.MID_SENTENCE),
            after_sentence_rate=self._widened(found.after_sentence_rate, Measure.AFTER_SENTENCE),
            mean_wait_ms=self._widened(found.mean_wait_ms, Measure.MEAN_WAIT),
            cost_ms=self._reaching(found.cost_ms, errors_ms),
        )

    def gain_ms(self, present: int) -> Estimate:
        """The winner's gain over the setting in force, in ms of the goal's objective.

        It is above 0 where the winner is better. The mean error of the search is taken off; the
        lower end allows besides for how much that error varies, and the upper end for that there
        was none.

        Args:
            present: the column of the setting in force.
        """
        both = self.evidence.at([present, self.best])
        whole, samples = score_ms(both.whole, self.goal), score_ms(both.samples, self.goal)
        errors_ms = self._errors(lambda sums: score_ms(sums, self.goal))
        errors_ms -= whole[0] - samples[:, 0]
        # Searching makes nothing look worse than it is.
        rise_ms = max(float(errors_ms.mean()), 0.0)
        corrected_ms = whole[:1] - whole[1] - rise_ms
        gains_ms = samples[:, 0] - samples[:, 1] - rise_ms
        found = self.evidence.interval_of(corrected_ms, gains_ms[:, None]).estimate(0)
        least_ms, _ = symmetric(corrected_ms, errors_ms[:, None], self.evidence.effective_calls)
        low_ms = min(found.interval.low, float(least_ms[0]))
        return replace(found, interval=Interval(low_ms, found.interval.high + rise_ms))

    def _errors(self, figure: Callable[[Tally], Numbers]) -> Numbers:
        """How much more each sample's winner has on all calls than in its sample."""
        whole, samples = figure(self.winners.whole), figure(self.winners.samples)
        errors: Numbers = whole[self.chosen] - samples[np.arange(self.chosen.size), self.chosen]
        return errors

    def _widened(self, found: Estimate, measure: Measure) -> Estimate:
        if any(budget.measure is measure for budget in self.goal.budgets):
            return found
        wider = self._reaching(found, self._errors(lambda sums: sums.measure(measure)))
        most = 1.0 if measure.is_share else float(self.evidence.whole.wait_ms[:, self.best].max())
        return replace(wider, interval=replace(wider.interval, high=min(wider.interval.high, most)))

    def _reaching(self, found: Estimate, errors: Numbers) -> Estimate:
        _, most = interval(errors[:, None], self.evidence.effective_calls)
        high = max(found.interval.high, found.value + float(most[0]))
        return replace(found, interval=replace(found.interval, high=high))
