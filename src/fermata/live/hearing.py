"""What one channel hears, put on its own clock, order and speakers, and entered in its book."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from fermata.live.answers import AnswerWatch
from fermata.live.clock import AudioClock
from fermata.live.events import (
    Ended,
    Event,
    Hole,
    HoleReason,
    LiveEvent,
    LlmAnswer,
    Notice,
    RevisedTurn,
    SignOfLife,
    SpeakerRevision,
    SpeechStarted,
    Turn,
    Word,
)
from fermata.live.outgoing import Outgoing, Resent
from fermata.live.turns import HeardTurn, TurnBook, TurnState

_MS_PER_S = 1000
_SETTLED_MS = 50
"""Audio this long after a final word is final too: no turn ends after less silence."""

Publish = Callable[[LiveEvent | HeardTurn], None]


@dataclass(frozen=True, slots=True)
class SessionView:
    """How one session's numbers are to be read.

    Attributes:
        session_id: The session.
        number: 1 for the channel's first session.
        clock: Its clock.
        first_order: What its turn 0 is on the channel.
        expects_answers: Whether a language model is to answer each turn.
    """

    session_id: str
    number: int
    clock: AudioClock
    first_order: int
    expects_answers: bool

    def turn(self, turn: Turn) -> Turn:
        """Puts a turn on the channel's order and the source's clock."""
        return replace(
            turn,
            turn_order=self.order(turn.turn_order),
            words=self._words(turn.words),
            speaker=self._speaker(turn.speaker),
        )

    def revised(self, turn: RevisedTurn) -> RevisedTurn:
        """Does the same with a corrected turn."""
        return RevisedTurn(
            self.order(turn.turn_order), self._speaker(turn.speaker), self._words(turn.words)
        )

    def order(self, turn_order: int) -> int:
        """The channel's number for a session's turn."""
        return self.first_order + turn_order

    def _words(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        return tuple(
            Word(
                word.text,
                self.clock.start_ms(word.start_ms),
                self.clock.end_ms(word.end_ms),
                word.confidence,
                word.is_final,
                self._speaker(word.speaker),
            )
            for word in words
        )

    def _speaker(self, label: str | None) -> str | None:
        return f"{label}/{self.number}" if label and self.number > 1 else label


class Hearing:
    """The receiving side of a channel, over all its sessions.

    Attributes:
        in_doubt: Whether a turn may be lacking after the last final one.

    Args:
        channel: Index of the channel.
        sample_rate_hz: Samples per second.
        outgoing: Told what is final.
        publish: Called with each event and turn for the observers; must return at once.
        spoken_at_s: When a sample of the source was spoken, on the monotonic clock.
        answer_s: How long a language model may take.
    """

    def __init__(
        self,
        channel: int,
        sample_rate_hz: int,
        outgoing: Outgoing,
        *,
        publish: Publish,
        spoken_at_s: Callable[[int], float | None],
        answer_s: float,
    ) -> None:
        self.book = TurnBook(channel)
        self.answers = AnswerWatch(answer_s)
        self.notices: list[Notice] = []
        self.holes: list[Hole] = []
        self.in_doubt = False
        self._doubts: set[str] = set()
        self._sample_rate_hz = sample_rate_hz
        self._outgoing = outgoing
        self._publish = publish
        self._spoken_at_s = spoken_at_s
        self._view: SessionView | None = None

    def begin(self, session_id: str, clock: AudioClock, *, expects_answers: bool) -> None:
        """Reads what follows as a new session, whose turns come after all before."""
        number = self._view.number + 1 if self._view else 1
        first_order = self.book.next_order
        self._view = SessionView(session_id, number, clock, first_order, expects_answers)
        self.in_doubt = False

    def break_off(self, resent: Resent) -> None:
        """Ends open turns after a drop, and marks what can't be heard again."""
        if resent.from_sample is None or resent.lost_from_sample is None:
            changed = self.book.cut(None)
        else:
            changed = self.book.cut(self._ms(resent.from_sample))
        for turn in changed:
            self._publish(turn)

    def mark(self, start_sample: int, end_sample: int, reason: HoleReason) -> None:
        """Notes a hole in the source and tells of it, if there is anything in it."""
        if end_sample > start_sample:
            hole = Hole(self._ms(start_sample), self._ms(end_sample), reason)
            self.holes.append(hole)
            self._publish(hole)

    def notice(self, notice: Notice) -> None:
        """Notes what a person should know and tells of it."""
        self.notices.append(notice)
        self._publish(notice)

    def hear(self, event: Event | None) -> None:
        """Takes the next event of the session, or None while there is none."""
        view = self._view
        if view is None:
            return
        self._watch_answers(event, view)
        match event:
            case None | SignOfLife():
                return
            case Turn():
                self._hear_turn(view.turn(event), view)
            case SpeakerRevision():
                for turn in self.book.revise(map(view.revised, event.revisions)):
                    self._publish(turn)
            case Notice(code="unreadable" | "unfinished"):
                self._doubt(event)
            case Notice():
                self.notice(event)
            case _:
                self._publish(_placed(event, view))

    def _hear_turn(self, turn: Turn, view: SessionView) -> None:
        heard = self.book.hear(turn, view.session_id, self._latency_ms(turn))
        if heard is None:
            return
        if heard.state is TurnState.FINAL:
            self._settle(heard, view)
        self._publish(heard)

    def _doubt(self, notice: Notice) -> None:
        """Tells, once in each wording, that a final turn may not have come or been readable."""
        self.in_doubt = True
        if notice.text not in self._doubts:
            self._doubts.add(notice.text)
            self.notice(notice)

    def _settle(self, turn: HeardTurn, view: SessionView) -> None:
        if self.in_doubt and self.book.lacks_one(view.first_order, turn.order):
            start_sample = self._sample(turn.start_ms or 0.0)
            self.mark(self._outgoing.settled_sample, start_sample, HoleReason.UNCONFIRMED)
        self.in_doubt = False
        if turn.end_ms is not None:
            self._outgoing.settle(self._sample(turn.end_ms + _SETTLED_MS))
        if view.expects_answers:
            self.answers.ask(turn.order, time.monotonic())

    def _watch_answers(self, event: Event | None, view: SessionView) -> None:
        if not view.expects_answers:
            return
        if isinstance(event, LlmAnswer):
            self.answers.answer(view.order(event.turn_order))
        silence = self.answers.overdue(time.monotonic())
        if isinstance(event, Ended):
            silence = silence or self.answers.end()
        if silence:
            self.notice(silence)

    def _latency_ms(self, turn: Turn) -> float | None:
        if not turn.words:
            return None
        spoken_at_s = self._spoken_at_s(self._sample(turn.words[-1].end_ms))
        return None if spoken_at_s is None else (time.monotonic() - spoken_at_s) * _MS_PER_S

    def _sample(self, source_ms: float) -> int:
        return round(source_ms * self._sample_rate_hz / _MS_PER_S)

    def _ms(self, sample: int) -> float:
        return sample * _MS_PER_S / self._sample_rate_hz


def _placed(event: LiveEvent, view: SessionView) -> LiveEvent:
    if isinstance(event, SpeechStarted):
        return SpeechStarted(view.clock.start_ms(event.at_ms))
    if isinstance(event, LlmAnswer):
        return replace(event, turn_order=view.order(event.turn_order))
    return event
