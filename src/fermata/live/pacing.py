"""Keeps a file to real time: every block at its own deadline, whatever the ones before cost."""

import time
from collections.abc import Callable

_LONGEST_BURST_S = 1.0
"""Further behind than this, the rest is put off instead of being sent in one burst, which the
streaming service would refuse (close code 3007, faster than real time)."""


class Pacer:
    """Waits until the audio up to a given sample would have been spoken.

    Deadlines are absolute: sample `n` is due `n / sample_rate_hz` seconds after the first call.
    So neither the time the work takes nor an inexact wait adds up, as it does with one sleep
    per block. A block is due when its last sample is, as with a microphone.

    Args:
        sample_rate_hz: Samples per second.
        wait: Waits that many seconds and says whether to stop: `threading.Event.wait`.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        wait: Callable[[float], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._wait = wait
        self._clock = clock
        self._start_s: float | None = None

    def wait_for(self, sample: int) -> bool:
        """Waits until `sample` is due.

        Returns:
            Whether the wait was broken off because it is time to stop.
        """
        now_s = self._clock()
        if self._start_s is None:
            self._start_s = now_s
        early_s = self._start_s + sample / self._sample_rate_hz - now_s
        if early_s < -_LONGEST_BURST_S:
            self._start_s -= early_s
        return self._wait(max(0.0, early_s))
