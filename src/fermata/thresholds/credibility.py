"""How much a small group's own calls count against what all other calls say.

Buehlmann-Straub credibility (Buehlmann & Gisler 2005, A Course in Credibility Theory and its
Applications, sections 4.2 and 4.8): with `w` own turns the group's own figure weighs
`Z = w / (w + k)` and that of the whole `1 - Z`, where `k` is the variance between calls of one
group, per turn, over the variance between groups. It is the best linear forecast.

Here the other calls join the group's with a total weight of `k` turns, so that every figure,
and every bootstrap sample, is pooled alike. They never weigh more than their own turns: where
groups do not differ at all, each group's figures are those of all calls.
"""

import numpy as np

from fermata.replay.pauses import Integers, Numbers


def other_turns(costs_ms: Numbers, turns: Numbers, groups: Integers) -> float:
    """The weight in turns, `k`, that the other calls get in a group's figures.

    Variances are added over the policies, so that groups which differ under any of them do.

    Args:
        costs_ms: cost per turn of each row under some policies, shape (rows, policies).
        turns: of each row, all above 0.
        groups: the group of each row, from 0 without holes.

    Returns:
        `inf` where the groups differ no more than by chance, or their spread is unknown.
    """
    weight = np.bincount(groups, turns)
    count, total, spare = weight.size, float(weight.sum()), groups.size - weight.size
    if count == 1 or not spare:
        return float("inf")
    sums = np.stack([np.bincount(groups, turns * cost) for cost in costs_ms.T], axis=1)
    means = sums / weight[:, None]
    whole = sums.sum(axis=0) / total
    within = float((turns[:, None] * (costs_ms - means[groups]) ** 2).sum()) / spare
    spread = float((weight[:, None] * (means - whole) ** 2).sum())
    between = (spread - (count - 1) * within) / (total - float((weight**2).sum()) / total)
    return within / between if between > 0 else float("inf")
