"""The best policy for a goal: which ones meet its budgets, and which of those is best."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from fermata.replay.pauses import Flags, Integers, Numbers
from fermata.thresholds.evidence import Bounds, Evidence, score_ms
from fermata.thresholds.goal import Goal, Measure
from fermata.thresholds.grid import LEAST_MS
from fermata.thresholds.models import Policy
from fermata.thresholds.tally import Tally

# Sums of the same counts in another order differ by rounding; ties must not.
_DIGITS = 9
_ROUNDING = 1e-9
# What a difference in wait is told relative to, where the limit is 0.
_NO_SLOWER_SCALE_MS = 1_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Budgets:
    """How each policy stands to each limit of a goal; shapes (budgets, policies).

    A limit on how slow a policy may be is held against the difference from the named policy
    on the same calls, so that this one itself always meets it.

    Attributes:
        goal: with the limits.
        named: the policies that it may name.
        values: the figure that is limited.
        uppers: the upper end of its interval.
        limits: what it may be, shape (budgets, 1).
    """

    goal: Goal
    named: Mapping[str, Policy]
    values: Numbers
    uppers: Numbers
    limits: Numbers

    @classmethod
    def of(cls, evidence: Evidence, goal: Goal, named: Mapping[str, Policy]) -> Self:
        """Holds policies against a goal."""
        limited = [evidence.bounds(budget.measure) for budget in goal.budgets]
        limited += [_slower(evidence, named[name]) for name in goal.no_slower_than]
        nothing = np.zeros((0, len(evidence.whole.policies)))
        limits = [budget.at_most for budget in goal.budgets] + [0.0] * len(goal.no_slower_than)
        return cls(
            goal=goal,
            named=named,
            values=np.vstack([nothing, *(each.value for each in limited)]),
            uppers=np.vstack([nothing, *(each.high for each in limited)]),
            limits=np.array(limits, np.float64)[:, None],
        )

    @property
    def met(self) -> Flags:
        """Which policies meet all limits with the upper ends of their intervals."""
        met: Flags = np.all(self.uppers <= self.limits, axis=0)
        return met

    @property
    def more_calls(self) -> Numbers:
        """How many times as many calls each policy needs to meet all limits for certain.

        An interval's width falls with the square root of the calls. `inf` where a figure
        itself is at its limit or beyond.
        """
        room = np.maximum(self.limits - self.values, 0)
        width = self.uppers - self.values
        ratio = np.divide(width, room, out=np.full_like(width, np.inf), where=room > 0)
        ratio[self.uppers <= self.limits] = 1
        needed: Numbers = ratio.max(axis=0, initial=1) ** 2
        return needed

    def excess_in(self, sums: Tally) -> Numbers:
        """By how much policies miss the limits over other weights of the calls; (..., policies).

        Each miss is told relative to its limit, and they are added up. The intervals are taken
        to reach as far above the figures as here: a bootstrap within each bootstrap sample
        would take a thousand times as long.
        """
        values = [sums.measure(budget.measure) for budget in self.goal.budgets]
        values += [_wait_beyond(sums, self.named[name]) for name in self.goal.no_slower_than]
        missed = np.zeros(sums.cut_in_turns.shape)
        for value, margin, (limit,) in zip(
            values, self.uppers - self.values, self.limits, strict=True
        ):
            beyond = np.maximum(value + margin - limit, 0) / (limit or _NO_SLOWER_SCALE_MS)
            missed += np.where(beyond > _ROUNDING, beyond, 0)
        return missed


def searched(sums: Tally) -> Flags:
    """Which policies are candidates: those with no silence below `LEAST_MS`.

    Others are there only because a setting in force or a named one has such a silence.
    """
    return np.array([policy.min_turn_silence_ms >= LEAST_MS for policy in sums.policies])


def ranked(scores_ms: Numbers, sums: Tally, usual: Policy) -> Integers:
    """The columns of the searched policies, from the best to the worst.

    Ties go to fewer cut-ins, then to the shorter wait, then to the policy nearest to the usual
    one: a silence that never acts stays as it is.

    Args:
        scores_ms: what shall be small, shape (policies,).
        sums: the policies.
        usual: the setting in force, or else the vendor's.
    """
    pairs = np.array([(p.min_turn_silence_ms, p.max_turn_silence_ms) for p in sums.policies])
    from_usual = np.abs(pairs - (usual.min_turn_silence_ms, usual.max_turn_silence_ms))
    keys = (
        from_usual[:, 1],
        from_usual[:, 0],
        np.round(sums.measure(Measure.MEAN_WAIT), _DIGITS),
        np.round(sums.measure(Measure.CUT_INS), _DIGITS),
        np.round(scores_ms, _DIGITS),
    )
    order: Integers = np.lexsort(keys)
    return order[searched(sums)[order]]


def best_in(sums: Tally, budgets: Budgets, usual: Policy) -> int:
    """The best policy over some weights of the calls, or else the one nearest to the budgets.

    Args:
        sums: the policies over those weights.
        budgets: as they stand over the calls that the intervals come from.
        usual: the policy that a tie goes to.
    """
    order = ranked(score_ms(sums, budgets.goal), sums, usual)
    return int(order[np.argmin(budgets.excess_in(sums)[order])])


def _slower(evidence: Evidence, policy: Policy) -> Bounds:
    return evidence.interval_of(
        _wait_beyond(evidence.whole, policy), _wait_beyond(evidence.samples, policy)
    )


def _wait_beyond(sums: Tally, policy: Policy) -> Numbers:
    wait = sums.measure(Measure.MEAN_WAIT)
    at = sums.policies.index(policy)
    return wait - wait[..., at : at + 1]
