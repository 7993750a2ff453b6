"""What is known about a live session once it is over."""

from dataclasses import dataclass
from statistics import median

from fermata.live.events import Hole, Notice
from fermata.live.sources import Losses
from fermata.live.turns import HeardTurn


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """One session with the service, as it will be billed.

    Attributes:
        session_id: The service's name for it.
        sent_s: How much audio was sent in it.
        audio_s: How much audio the service says it got; None if it didn't say.
        billed_s: How long it is billed.
        billed_is_estimated: Whether `billed_s` is the time that the connection was open,
            because the service didn't say.
        error: What ended it, if it did not end in good order.
        connections: How many it took; more than one only in sessions kept by earlier versions.
    """

    session_id: str
    sent_s: float
    audio_s: float | None
    billed_s: float
    billed_is_estimated: bool
    error: str | None
    connections: int = 1


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """What one channel came to.

    Attributes:
        channel: Its index.
        name: Its name.
        sessions: The sessions it took, more than one after reconnections.
        turns: Its turns, in order, as they stand at the end.
        dropped_frames: Frames never sent because the buffer was full.
        dropped_ms: How much audio they held.
        holes: The pieces of the source without a reliable transcript.
        answers_due: Final turns that a language model was asked about.
        answers: Answers that came.
        notices: What a person should know.
        error: Why the channel did not go on to the end, if so.
        unconfirmed: Whether the service did not confirm the end, so that words may be missing.
        is_refused_account: Whether it could not go on for the account: its key, or its balance.
    """

    channel: int
    name: str
    sessions: tuple[ProviderSession, ...]
    turns: tuple[HeardTurn, ...]
    dropped_frames: int
    dropped_ms: float
    holes: tuple[Hole, ...]
    answers_due: int
    answers: int
    notices: tuple[Notice, ...]
    error: str | None
    unconfirmed: bool = False
    is_refused_account: bool = False

    @property
    def reconnections(self) -> int:
        """How many connections were made after the first."""
        return max(0, sum(each.connections for each in self.sessions) - 1)

    @property
    def lost_ms(self) -> float:
        """How much of the source has no reliable transcript: all holes, none counted twice."""
        lost_ms = until_ms = 0.0
        for hole in sorted(self.holes, key=lambda each: each.start_ms):
            lost_ms += max(0.0, hole.end_ms - max(hole.start_ms, until_ms))
            until_ms = max(until_ms, hole.end_ms)
        return lost_ms

    @property
    def billed_s(self) -> float:
        """What all its sessions are billed, in seconds."""
        return sum(session.billed_s for session in self.sessions)

    @property
    def billed_is_estimated(self) -> bool:
        """Whether a part of `billed_s` was measured here, because the service didn't say."""
        return any(session.billed_is_estimated for session in self.sessions)

    @property
    def first_partial_latencies_ms(self) -> tuple[float, ...]:
        """For each turn, how long after its words its first message came."""
        found = (turn.first_partial_latency_ms for turn in self.turns)
        return tuple(latency for latency in found if latency is not None)

    @property
    def final_latencies_ms(self) -> tuple[float, ...]:
        """For each final turn, how long after its last word it was said to be over."""
        found = (turn.final_latency_ms for turn in self.turns)
        return tuple(latency for latency in found if latency is not None)


@dataclass(frozen=True, slots=True)
class SessionReport:
    """What a live session came to.

    Attributes:
        provider: The service's name.
        source: The source's name.
        sample_rate_hz: Of the audio.
        captured_s: How much of the source was read.
        losses: What the source itself lost.
        channels: One report per channel.
        source_error: Why the source ended before its time, if so.
        recording_error: Why the recording ended before the session, if so.
        interrupted: Whether it was told to stop, or broken off, before its end.
    """

    provider: str
    source: str
    sample_rate_hz: int
    captured_s: float
    losses: Losses
    channels: tuple[ChannelReport, ...]
    source_error: str | None
    recording_error: str | None
    interrupted: bool

    @property
    def billed_s(self) -> float:
        """What all sessions of all channels are billed, in seconds."""
        return sum(channel.billed_s for channel in self.channels)

    @property
    def billed_is_estimated(self) -> bool:
        """Whether a part of `billed_s` was measured here, because the service didn't say."""
        return any(channel.billed_is_estimated for channel in self.channels)

    @property
    def lost_ms(self) -> float:
        """How much of all channels has no reliable transcript."""
        return sum(channel.lost_ms for channel in self.channels)

    @property
    def unconfirmed(self) -> bool:
        """Whether the end of a channel was not confirmed, so that words may be missing."""
        return any(channel.unconfirmed for channel in self.channels)

    @property
    def is_refused_account(self) -> bool:
        """Whether a channel could not go on for the account: its key, or its balance."""
        return any(channel.is_refused_account for channel in self.channels)

    @property
    def error(self) -> str | None:
        """The first thing that went wrong for good: a channel's error, or the source's."""
        errors = (channel.error for channel in self.channels)
        return next((error for error in errors if error), self.source_error)

    @property
    def first_partial_latency_ms(self) -> float | None:
        """The median over all turns of all channels."""
        return _median([x for each in self.channels for x in each.first_partial_latencies_ms])

    @property
    def final_latency_ms(self) -> float | None:
        """The median over all final turns of all channels."""
        return _median([x for each in self.channels for x in each.final_latencies_ms])


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
