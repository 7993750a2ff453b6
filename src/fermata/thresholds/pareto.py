"""The trade-off between cut-ins and waiting: its curve, and the optimum along it."""

import numpy as np

from fermata.replay.pauses import Flags, Integers
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.goal import Measure
from fermata.thresholds.models import CurvePoint, Policy
from fermata.thresholds.search import ranked, searched
from fermata.thresholds.tally import Tally

EXCHANGE_RATES_MS = tuple(range(1_000, 21_000, 1_000))
"""One cut-in worth 1 to 20 s of waiting."""


def curve(evidence: Evidence, met: Flags) -> tuple[CurvePoint, ...]:
    """The policies that no other beats in both, from the fewest cut-ins to the shortest wait.

    Args:
        evidence: the policies.
        met: which of them meet the budgets.
    """
    columns = _unbeaten(evidence.whole)
    some = evidence.at(columns)
    cut_ins, waits = some.bounds(Measure.CUT_INS), some.bounds(Measure.MEAN_WAIT)
    return tuple(
        CurvePoint(policy, cut_ins.estimate(at), waits.estimate(at), bool(met[columns[at]]))
        for at, policy in enumerate(some.whole.policies)
    )


def by_exchange_rate(sums: Tally, usual: Policy) -> tuple[tuple[int, Policy], ...]:
    """The cheapest policy for each of `EXCHANGE_RATES_MS`.

    Args:
        sums: the policies.
        usual: the one that a tie goes to.
    """
    cheapest = [int(ranked(sums.cost_ms(rate), sums, usual)[0]) for rate in EXCHANGE_RATES_MS]
    return tuple(
        (rate, sums.policies[column])
        for rate, column in zip(EXCHANGE_RATES_MS, cheapest, strict=True)
    )


def _unbeaten(sums: Tally) -> Integers:
    cut_ins = np.round(sums.measure(Measure.CUT_INS), 9)
    waits = np.round(sums.measure(Measure.MEAN_WAIT), 9)
    order = np.lexsort((waits, cut_ins))
    order = order[searched(sums)[order]]
    shortest = np.minimum.accumulate(waits[order])
    is_shorter = np.r_[True, shortest[1:] < shortest[:-1]]
    columns: Integers = order[is_shorter]
    return columns
