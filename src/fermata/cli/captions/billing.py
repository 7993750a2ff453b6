"""What a session costs so far, by the second and by the open session."""

from dataclasses import dataclass, replace

from fermata.live.events import Began, Ended, Failed, Interrupted, LiveEvent


@dataclass(frozen=True, slots=True)
class Billed:
    """Sessions open and over; `now_s` below is on the clock of `time.monotonic`.

    Attributes:
        open_since_s: For each channel with an open session, since when.
        closed_s: What the sessions that are over are billed.
    """

    open_since_s: tuple[tuple[int, float], ...] = ()
    closed_s: float = 0.0

    def after(self, channel: int, event: LiveEvent, now_s: float) -> "Billed":
        """The same after an event on a channel."""
        match event:
            case Began():
                return replace(self, open_since_s=(*self.open_since_s, (channel, now_s)))
            case Ended():
                return self._closed(channel, now_s, event.billed_s)
            case Interrupted() | Failed():
                return self._closed(channel, now_s, None)
            case _:
                return self

    def total_s(self, now_s: float) -> float:
        """What all sessions are billed so far, in seconds."""
        return self.closed_s + sum(now_s - since_s for _, since_s in self.open_since_s)

    @property
    def open_sessions(self) -> int:
        """How many sessions are open."""
        return len(self.open_since_s)

    def _closed(self, channel: int, now_s: float, billed_s: float | None) -> "Billed":
        since_s = dict(self.open_since_s).get(channel)
        if since_s is None:
            return self
        lasted_s = now_s - since_s if billed_s is None else billed_s
        others = tuple(each for each in self.open_since_s if each[0] != channel)
        return Billed(others, self.closed_s + lasted_s)
