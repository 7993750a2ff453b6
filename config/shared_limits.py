"""The limits that all workers of a Prefect server keep together: their names and their pace.

A token bucket in the Prefect server: it holds `burst` tokens and gains `per_second`. The services
bound requests and new sessions by the minute, and do not bound how many run at once, so nothing
has to be held while a recording or a session runs, and nothing is left behind by a killed one.
"""

from dataclasses import dataclass

from config.settings import settings

_SUBMISSIONS = "fermata-submissions"
_LIVE_SESSIONS = "fermata-live-sessions"
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """A pace that all workers keep together.

    Attributes:
        name: of the global concurrency limit in Prefect.
        per_minute: how many in any minute, at least 2; None for no limit.
        burst_divisor: which part of a minute's worth may come at once after a rest.
    """

    name: str
    per_minute: int | None
    burst_divisor: int

    @property
    def burst(self) -> int:
        """How many may come at once after a rest; the rest of the minute is the poorer for it."""
        return max(1, (self.per_minute or 0) // self.burst_divisor)

    @property
    def per_second(self) -> float:
        """How fast more may follow; with the burst it makes `per_minute` in any minute."""
        return ((self.per_minute or 0) - self.burst) / _MINUTE_S


def submissions() -> SharedLimit:
    """How fast recordings are handed to the transcription service."""
    return SharedLimit(_SUBMISSIONS, settings().submissions_per_minute, burst_divisor=10)


def live_sessions() -> SharedLimit:
    """How fast live sessions are opened; the channels of one recording want theirs together."""
    return SharedLimit(_LIVE_SESSIONS, settings().live_sessions_per_minute, burst_divisor=2)


def shared_limits() -> tuple[SharedLimit, ...]:
    """All of them, set or not."""
    return (submissions(), live_sessions())
