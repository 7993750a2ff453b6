"""Figures that describe a set of gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class GapStatistics:
    """Count, average, middle and spread of gaps; all but the count in ms.

    Quantiles interpolate linearly between the two nearest gaps: definition 7 of Hyndman
    and Fan (1996), the default of numpy and pandas and `quantile_cont` of DuckDB.

    Attributes:
        total_gaps: how many gaps the figures rest on.
        average_gap_ms: the arithmetic mean.
        median_gap_ms: the true median, midway between the two middle gaps of an even number.
        upper_median_gap_ms: the guide's "median", `sorted(gaps)[len(gaps) // 2]`: the upper
            one of the two middle gaps.
        min_gap_ms: the shortest.
        max_gap_ms: the longest.
        p10_gap_ms: 10 % of the gaps are shorter; the others alike.
        p25_gap_ms: first quartile.
        p75_gap_ms: third quartile.
        p90_gap_ms: ninth decile.
        p95_gap_ms: 95th percentile.
    """

    total_gaps: int
    average_gap_ms: float
    median_gap_ms: float
    upper_median_gap_ms: int
    min_gap_ms: int
    max_gap_ms: int
    p10_gap_ms: float
    p25_gap_ms: float
    p75_gap_ms: float
    p90_gap_ms: float
    p95_gap_ms: float


def gap_statistics(gaps_ms: Sequence[int] | npt.NDArray[np.int64]) -> GapStatistics | None:
    """Describes gaps, whatever their order.

    Args:
        gaps_ms: whole milliseconds; for the guide's figures the positive ones alone.

    Returns:
        None where there is no gap to describe.
    """
    ordered = np.sort(np.asarray(gaps_ms, dtype=np.int64))
    if ordered.size == 0:
        return None
    p10, p25, p50, p75, p90, p95 = np.quantile(ordered, (0.10, 0.25, 0.50, 0.75, 0.90, 0.95))
    return GapStatistics(
        total_gaps=ordered.size,
        # Summed as integers: exact, and so the same in any order.
        average_gap_ms=int(ordered.sum()) / ordered.size,
        median_gap_ms=float(p50),
        upper_median_gap_ms=int(ordered[ordered.size // 2]),
        min_gap_ms=int(ordered[0]),
        max_gap_ms=int(ordered[-1]),
        p10_gap_ms=float(p10),
        p25_gap_ms=float(p25),
        p75_gap_ms=float(p75),
        p90_gap_ms=float(p90),
        p95_gap_ms=float(p95),
    )
