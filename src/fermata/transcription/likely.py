"""When a job is likely to be done, learned from those that were done before."""

import math
import threading
from collections import deque
from dataclasses import dataclass
from statistics import median

_REMEMBERED = 200
"""The service's pace changes within the hour, so only the newest jobs count."""

_NEIGHBOURS = 9
_OF_ALIKE_LENGTH = 2.0
"""Audio up to twice as long, or half as long, is taken to be processed in the same time."""

_EARLIER = 0.95
"""A job that was done at the first question may have been so for a while: ask the next sooner."""


@dataclass(frozen=True, slots=True)
class _Done:
    duration_s: float | None
    after_s: float


class ProcessingTimes:
    """How long jobs took, by the length of their audio; may be used from several threads."""

    def __init__(self) -> None:
        self._done: deque[_Done] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    def learn(self, duration_s: float | None, *, not_yet_s: float, done_s: float) -> None:
        """Takes in a job that was done.

        Args:
            duration_s: The length of its audio; None where unknown.
            not_yet_s: How long after its submission it was known not to be done; 0 if that was
                never asked.
            done_s: How long after its submission it was known to be done.
        """
        with self._lock:
            self._done.append(_Done(duration_s, max(not_yet_s, done_s * _EARLIER)))

    def likely_s(self, duration_s: float | None) -> float | None:
        """Returns how long after its submission a job is likely to be done; None if unknown."""
        with self._lock:
            alike = [each for each in self._done if _is_alike(each.duration_s, duration_s)]
        if not alike:
            return None
        return median(each.after_s for each in alike[-_NEIGHBOURS:])


def _is_alike(one_s: float | None, other_s: float | None) -> bool:
    if not one_s or not other_s:
        return one_s == other_s
    return abs(math.log(one_s / other_s)) <= math.log(_OF_ALIKE_LENGTH)
