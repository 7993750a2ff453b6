"""What a session came to, as far as its lines tell after its process died."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fermata.live.billing import resumed
from fermata.live.events import Hole, HoleReason, Notice
from fermata.live.report import ChannelReport, ProviderSession, SessionReport
from fermata.live.sources import Losses
from fermata.live.turns import HeardTurn, TurnState
from fermata.sessions.kept import Answers
from fermata.sessions.lines import JsonObject, heard_turn, newest_turns
from fermata.sessions.plan import SessionPlan

PROCESS_DIED = "the process that streamed died before the end"

_MS_PER_S = 1000


def written_at(line: JsonObject) -> datetime:
    """When a line was written, with a time zone."""
    return datetime.fromisoformat(line["written_at"])


def answers_in(lines: Iterable[JsonObject]) -> Answers:
    """What a language model answered."""
    found = (line for line in lines if line["type"] == "llm_answer")
    return {(line["channel"], line["turn_order"]): line["text"] for line in found}


def rebuilt_report(
    plan: SessionPlan, lines: Sequence[JsonObject], last_alive: datetime, audio_s: float | None
) -> SessionReport:
    """The report that the process did not live to make.

    What a session was billed that had not ended is estimated by the time from its beginning
    until the process was last seen; audio dropped is known from the holes it left. What comes
    after the last final turn of such a session is marked: nobody heard the answer for it.

    Args:
        plan: What was to be streamed.
        lines: All that was written, in order.
        last_alive: When the process was last seen.
        audio_s: How long the recording is; None where there is none.
    """
    turns = newest_turns(heard_turn(line) for line in lines if line["type"] == "turn")
    channels = tuple(
        _channel(index, name, [line for line in lines if line.get("channel") == index], turns)
        .closed(last_alive)
        .report()
        for index, name in enumerate(plan.channels)
    )
    captured_ms = _last_ms(channels) if audio_s is None else audio_s * _MS_PER_S
    return SessionReport(
        provider=plan.provider,
        source=plan.source,
        sample_rate_hz=plan.sample_rate_hz,
        captured_s=captured_ms / _MS_PER_S,
        losses=Losses(),
        channels=tuple(_with_the_end_marked(each, captured_ms) for each in channels),
        source_error=None,
        recording_error=None,
        interrupted=True,
    )


@dataclass(slots=True)
class _Channel:
    """A channel while its lines are read."""

    index: int
    name: str
    turns: tuple[HeardTurn, ...]
    sessions: list[ProviderSession] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    answers: int = 0
    error: str | None = None
    open_session: tuple[str, datetime] | None = None

    def read(self, line: JsonObject) -> None:
        match line["type"]:
            case "began":
                self.open_session = (line["session_id"], written_at(line))
            case "ended":
                self._end(written_at(line), line["audio_s"], line["billed_s"], None)
            case "interrupted":
                self._end(written_at(line), None, None, line["error"])
            case "failed":
                self._end(written_at(line), None, None, line["error"])
                self.error = line["error"]
            case "hole":
                reason = HoleReason(line["reason"])
                self.holes.append(Hole(line["start_ms"], line["end_ms"], reason))
            case "notice":
                self.notices.append(Notice(line["code"], line["text"]))
            case "llm_answer":
                self.answers += 1

    def closed(self, last_alive: datetime) -> "_Channel":
        """The channel with the session that was open when the process died."""
        if self.open_session is not None or not self.sessions:
            self.error = self.error or PROCESS_DIED
        self._end(last_alive, None, None, PROCESS_DIED)
        return self

    def report(self) -> ChannelReport:
        dropped = (hole for hole in self.holes if hole.reason is HoleReason.DROPPED)
        return ChannelReport(
            channel=self.index,
            name=self.name,
            sessions=tuple(self.sessions),
            turns=self.turns,
            dropped_frames=0,
            dropped_ms=sum(hole.end_ms - hole.start_ms for hole in dropped),
            holes=tuple(self.holes),
            answers_due=self.answers,
            answers=self.answers,
            notices=tuple(self.notices),
            error=self.error,
        )

    def _end(
        self, at: datetime, audio_s: float | None, billed_s: float | None, error: str | None
    ) -> None:
        if self.open_session is None:
            return
        session_id, began_at = self.open_session
        lasted_s = max(0.0, (at - began_at).total_seconds())
        session = ProviderSession(
            session_id=session_id,
            sent_s=lasted_s if audio_s is None else audio_s,
            audio_s=audio_s,
            billed_s=lasted_s if billed_s is None else billed_s,
            billed_is_estimated=billed_s is None,
            error=error,
        )
        if self.sessions and self.sessions[-1].session_id == session_id:
            session = resumed(self.sessions.pop(), session)
        self.sessions.append(session)
        self.open_session = None


def _channel(
    index: int, name: str, lines: Iterable[JsonObject], turns: tuple[HeardTurn, ...]
) -> _Channel:
    channel = _Channel(index, name, tuple(turn for turn in turns if turn.channel == index))
    for line in lines:
        channel.read(line)
    return channel


def _with_the_end_marked(channel: ChannelReport, captured_ms: float) -> ChannelReport:
    """The channel with a hole from its last final turn on, if it had not ended."""
    finals = [turn for turn in channel.turns if turn.state is TurnState.FINAL]
    answered_ms = max((turn.end_ms or 0.0 for turn in finals), default=0.0)
    if channel.error != PROCESS_DIED or captured_ms <= answered_ms:
        return channel
    hole = Hole(answered_ms, captured_ms, HoleReason.UNCONFIRMED)
    return replace(channel, holes=(*channel.holes, hole))


def _last_ms(channels: Sequence[ChannelReport]) -> float:
    """The end of the last thing that is known of."""
    turns = (turn.end_ms or 0.0 for channel in channels for turn in channel.turns)
    holes = (hole.end_ms for channel in channels for hole in channel.holes)
    return max((*turns, *holes), default=0.0)
