"""The policies among which the best one is sought."""

from collections.abc import Iterable

import numpy as np

from fermata.replay import PolicyGrid, Rule
from fermata.replay.pauses import Integers
from fermata.thresholds.models import Policy
from fermata.turntaking.floor import MIN_SILENCE_MS

LEAST_MS = MIN_SILENCE_MS
"""The shortest silence to search among.

Shorter pauses are not taken for holds, so a shorter minimum would look faster at no price. (The
service itself accepts 50 ms.)
"""

MOST_MS = 10_000
"""The longest one."""

_POINTS = 54
_COARSE_FROM_MS = 500
_FINE_MS = 10
_COARSE_MS = 20


def standard_grid(rule: Rule, confidence: float, policies: Iterable[Policy]) -> PolicyGrid:
    """A plane of at least 40 x 40 policies that holds the given ones.

    The steps grow with the silence, by about a tenth each: callers notice ratios of waits
    rather than differences.

    Args:
        rule: of the model family.
        confidence: end-of-turn confidence threshold.
        policies: those that the plane shall hold exactly.
    """
    given = tuple(policies)
    steps = _steps()
    return PolicyGrid(
        min_ms=_joined(steps, [each.min_turn_silence_ms for each in given]),
        max_ms=_joined(steps, [each.max_turn_silence_ms for each in given]),
        rule=rule,
        confidence=confidence,
    )


def _steps() -> Integers:
    spread = np.geomspace(LEAST_MS, MOST_MS, _POINTS)
    to = np.where(spread < _COARSE_FROM_MS, _FINE_MS, _COARSE_MS)
    return np.unique((np.round(spread / to) * to).astype(np.int64))


def _joined(steps: Integers, given: list[int]) -> Integers:
    return np.union1d(steps, np.array(given, np.int64))
