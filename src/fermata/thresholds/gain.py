"""By how much the best policy is better than the present one, without flattering the search.

The best of many policies looks better on the calls it was chosen on than it is. How much so is
estimated as for regression models (Efron 1983; Harrell 2015, section 5.3.4): choose again in
each bootstrap sample, and compare the gain in the sample with that of the same policy on all
calls. The mean difference is taken off the gain and off its interval.
"""

import numpy as np

from fermata.replay.pauses import Flags, Integers, Numbers
from fermata.thresholds.evidence import Evidence, score_ms
from fermata.thresholds.goal import Goal
from fermata.thresholds.models import Estimate


def corrected_gain_ms(
    evidence: Evidence, goal: Goal, best: int, present: int, allowed: Flags
) -> Estimate:
    """The gain in ms of the goal's objective; above 0 where the best is better.

    Args:
        evidence: the policies.
        goal: what is made small.
        best: the column of the best policy.
        present: that of the setting in force.
        allowed: which policies meet the budgets in each sample, shape (samples, policies).
    """
    whole, samples = score_ms(evidence.whole, goal), score_ms(evidence.samples, goal)
    rise = _optimism_ms(whole, samples, best, present, allowed)
    gains = samples[:, present] - samples[:, best]
    value = whole[present : present + 1] - whole[best]
    return evidence.interval_of(value - rise, gains[:, None] - rise).estimate(0)


def _optimism_ms(
    whole: Numbers, samples: Numbers, best: int, present: int, allowed: Flags
) -> float:
    """At least 0: searching makes nothing look worse than it is."""
    candidates = np.where(allowed, samples, np.inf)
    chosen: Integers = np.where(allowed.any(axis=1), candidates.argmin(axis=1), best)
    in_sample = samples[:, present] - samples[np.arange(len(samples)), chosen]
    on_all = whole[present] - whole[chosen]
    return max(float(np.mean(in_sample - on_all)), 0.0)
