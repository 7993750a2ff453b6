"""Intervals of counts and shares, so that a gate does not judge by a handful of cases."""

from math import sqrt

_Z = 1.959964


def rate_bounds(count: int, exposure: float) -> tuple[float, float]:
    """The 95 % interval of a rate of events, per unit of exposure.

    Byar's approximation to the exact Poisson interval (Breslow & Day 1987, vol. II, section
    2.3), good to two digits from one event on.

    Args:
        count: how many events there were.
        exposure: in how much time, above 0.
    """
    low = count * (1 - 1 / (9 * count) - _Z / (3 * sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    high = more * (1 - 1 / (9 * more) + _Z / (3 * sqrt(more))) ** 3
    return max(low, 0.0) / exposure, high / exposure


def share_bounds(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927); 0 to 1 where there is nothing to share."""
    if not total:
        return 0.0, 1.0
    share, z2 = count / total, _Z**2
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z * sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return max(0.0, centre - half), min(1.0, centre + half)
