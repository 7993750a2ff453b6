"""The time that a session's own limits go by: the machine's, or faster where tests can't wait."""

import asyncio
import time


class Clock:
    """A clock that runs `speed` times as fast as the machine's."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def now_s(self) -> float:
        """Seconds since some moment."""
        return time.monotonic() * self._speed

    def real_s(self, seconds: float) -> float:
        """How long so many of its seconds take."""
        return seconds / self._speed

    async def sleep(self, seconds: float) -> None:
        """Waits for so many of its seconds."""
        await asyncio.sleep(self.real_s(seconds))
