"""Whether, and after how long, a new session is tried when one could not be had or broke."""

import random
from collections.abc import Callable

from fermata.live.errors import Retry, SessionError
from fermata.live.timing import Timing

_LEAST_SHARE = 0.5
"""Channels that dropped together come back spread over half of each back-off."""


class Backoff:
    """Counts the attempts in a row and spaces them out.

    Args:
        timing: The bounds.
        chance: A random number from 0 to 1.
    """

    def __init__(self, timing: Timing, chance: Callable[[], float] = random.random) -> None:
        self._timing = timing
        self._chance = chance
        self._tried = 0

    def delay_s(self, error: SessionError, lasted_s: float) -> float | None:
        """How long to wait before the next attempt.

        Args:
            error: Why there is no session.
            lasted_s: How long the last one lasted, 0 if there was none.

        Returns:
            Seconds, or None when trying again is of no use, or was tried often enough.
        """
        if lasted_s >= self._timing.healthy_s:
            self._tried = 0
        if error.retry is Retry.NEVER or self._tried >= self._timing.retries:
            return None
        self._tried += 1
        share = _LEAST_SHARE + (1 - _LEAST_SHARE) * self._chance()
        return self._longest_s(error) * share

    def _longest_s(self, error: SessionError) -> float:
        if error.retry is Retry.LATER:
            # The limit is one per minute: half a back-off would be too early.
            return self._timing.crowded_retry_s / _LEAST_SHARE
        grown_s = self._timing.first_retry_s * 2.0 ** (self._tried - 1)
        return min(grown_s, self._timing.longest_retry_s)
