"""The usual level of a measure, and how much it varies from night to night by itself.

Robust, as nobody looks through the nights that it is learned from: the level is a median, the
spread a standard deviation of what the median absolute deviation does not throw out. Weekends
have a level of their own, since fewer and other people call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_SATURDAY = 5
_FEWEST_OF_A_KIND = 6
# Standard deviation over median absolute deviation, for normal values.
_MAD_TO_SD = 1.4826
_CLIP_AT_SD = 3.0
# What normal values lose of their standard deviation when clipped there.
_CLIPPED_SD = 0.9866
# Variance of the median of n normal values is this over n.
_MEDIAN_VARIANCE = np.pi / 2


@dataclass(frozen=True, slots=True)
class Night:
    """One night's value of a measure.

    Attributes:
        on: which night.
        value: on the scale on which it is charted.
        calls: how many calls it rests on.
    """

    on: date
    value: float
    calls: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual.

    Attributes:
        level: the median of all its nights.
        by_kind: the level on working days and on weekends.
        spread: standard deviation of a night of the usual size around its level.
        calls: how many calls a usual night rests on.
        level_variance: of the level itself, in squared spreads.
        freedom: degrees of freedom of the spread.
    """

    level: float
    by_kind: tuple[float, float]
    spread: float
    calls: float
    level_variance: float
    freedom: int

    def score(self, night: Night) -> float:
        """How many spreads a night is off; one with few calls counts for less."""
        return float(_weighted(night, self.by_kind, self.calls)) / self.spread


def learn(nights: Sequence[Night], least_spread: float) -> Baseline:
    """Learns the usual level from nights.

    Args:
        nights: at least three.
        least_spread: that a measure varies by at the least, where the nights show less.
    """
    values = np.array([night.value for night in nights])
    weekend = np.array([_is_weekend(night) for night in nights])
    level = float(np.median(values))
    kinds = [values[weekend == kind] for kind in (False, True)]
    has_kinds = all(len(kind) >= _FEWEST_OF_A_KIND for kind in kinds)
    by_kind = (
        (float(np.median(kinds[0])), float(np.median(kinds[1]))) if has_kinds else (level, level)
    )
    calls = float(np.median([night.calls for night in nights]))
    offs = np.array([_weighted(night, by_kind, calls) for night in nights])
    spread, kept = _spread(offs)
    return Baseline(
        level=level,
        by_kind=by_kind,
        spread=max(spread, least_spread),
        calls=calls,
        level_variance=float(_MEDIAN_VARIANCE / len(values)),
        freedom=max(2, kept - 1 - has_kinds),
    )


def _weighted(night: Night, by_kind: tuple[float, float], calls: float) -> float:
    weight = float(np.sqrt(min(1.0, night.calls / calls)))
    return (night.value - by_kind[_is_weekend(night)]) * weight


def _is_weekend(night: Night) -> bool:
    return night.on.weekday() >= _SATURDAY


def _spread(offs: Numbers) -> tuple[float, int]:
    """The standard deviation of what is not far out, and how many values that are."""
    rough = _MAD_TO_SD * float(np.median(np.abs(offs)))
    kept = offs[np.abs(offs) <= _CLIP_AT_SD * rough] if rough > 0 else offs
    return float(np.sqrt(np.mean(kept**2))) / _CLIPPED_SD, len(kept)
