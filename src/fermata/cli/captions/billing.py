"""What a session costs so far, by the second and by the open session."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fermata.live.events import Began, Ended, Failed, Interrupted, LiveEvent


@dataclass(frozen=True, slots=True)
class Billed:
    """The service's sessions; times are on the clock of `time.monotonic`, in seconds.

    Attributes:
        open_since_s: For each channel with an open connection, its session and since when.
        closed_s: For each session, what its closed connections are billed.
    """

    open_since_s: Mapping[int, tuple[str, float]] = field(default_factory=dict)
    closed_s: Mapping[str, float] = field(default_factory=dict)

    def after(self, channel: int, event: LiveEvent, now_s: float) -> "Billed":
        """The same after an event on a channel."""
        match event:
            case Began():
                begun = (event.session_id, now_s)
                return Billed({**self.open_since_s, channel: begun}, self.closed_s)
            case Ended():
                return self._closed(channel, now_s, event.billed_s)
            case Interrupted() | Failed():
                return self._closed(channel, now_s, None)
            case _:
                return self

    def total_s(self, now_s: float) -> float:
        """What all sessions are billed so far, in seconds."""
        open_s = sum(now_s - since_s for _, since_s in self.open_since_s.values())
        return sum(self.closed_s.values()) + open_s

    @property
    def open_sessions(self) -> int:
        """How many sessions are open."""
        return len(self.open_since_s)

    def _closed(self, channel: int, now_s: float, billed_s: float | None) -> "Billed":
        """What the service bills is the whole session, over all of its connections."""
        if channel not in self.open_since_s:
            return self
        session_id, since_s = self.open_since_s[channel]
        if billed_s is None:
            billed_s = self.closed_s.get(session_id, 0.0) + now_s - since_s
        others = {each: begun for each, begun in self.open_since_s.items() if each != channel}
        return Billed(others, {**self.closed_s, session_id: billed_s})
