"""Whether, and after how long, a new session is tried when one could not be had or broke.

And how long the next one may be silent.
"""

import random
from collections.abc import Callable

from fermata.live.errors import NoTerminationError, Retry, SessionError, SilentError
from fermata.live.link import Link
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
        self._unconfirmed_at: int | None = None

    def delay_s(
        self, error: SessionError, lasted_s: float, answered_sample: int = 0
    ) -> float | None:
        """How long to wait before the next attempt.

        Args:
            error: Why there is no session.
            lasted_s: How long the last one lasted, 0 if there was none.
            answered_sample: Up to which sample the service has answered for what it was sent.

        Returns:
            Seconds, or None when trying again is of no use, or was tried often enough.
        """
        if isinstance(error, NoTerminationError):
            before, self._unconfirmed_at = self._unconfirmed_at, answered_sample
            if before is not None and answered_sample <= before:
                return None
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


class Patience:
    """How long a service may say nothing while speech is sent to it.

    Args:
        timing: The bounds.
    """

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._silences = 0

    @property
    def silent_s(self) -> float:
        """For the next session: twice as long after each one given up that said nothing at all."""
        grown_s = self._timing.silent_s * 2.0**self._silences
        return min(grown_s, self._timing.longest_silence_s)

    def note(self, link: Link) -> None:
        """Learns from a session that is over."""
        if not isinstance(link.failure, SilentError):
            self._silences = 0
        elif link.has_heard_words:
            self._silences = 1
        else:
            self._silences += 1
