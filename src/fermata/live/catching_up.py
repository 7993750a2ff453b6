"""Keeps what is sent to a little more than real time, even when much waits to be sent."""

import time
from collections.abc import Callable


class SendPacer:
    """Says how long to wait before each frame.

    In the normal course frames come in real time and nothing ever waits; after a drop, the
    backlog goes out at `speed` times real time and not in one burst, which the service would
    refuse.

    Args:
        speed: Seconds of audio per second.
        burst_s: How much audio may go out at once when the thread woke late.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self, speed: float, burst_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._speed = speed
        self._burst_s = burst_s
        self._clock = clock
        self._due_s = float("-inf")

    def wait_s(self, audio_s: float) -> float:
        """How long to wait before sending the next frame, which holds `audio_s` of audio."""
        now_s = self._clock()
        due_s = max(self._due_s, now_s - self._burst_s)
        self._due_s = due_s + audio_s / self._speed
        return max(0.0, due_s - now_s)
