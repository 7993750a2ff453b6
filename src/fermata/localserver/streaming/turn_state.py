"""What both turn rules know of the turn that is going on."""

from dataclasses import dataclass, field
from enum import StrEnum

from fermata.localserver.streaming.timeline import Step, Word


class Kind(StrEnum):
    """What a rule can say: the turn began, its words so far, a pause in it, its end."""

    STARTED = "started"
    PARTIAL = "partial"
    PAUSE = "pause"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that happened at a moment of the audio.

    Attributes:
        kind: What.
        at_ms: When.
        started_ms: When the turn's first sound began.
        words: The certain words of the turn.
        tentative: The uncertain ones after them.
        confidence: How sure it is that the turn is over.
        speech_ms: How much speech there was in the turn.
    """

    kind: Kind
    at_ms: int
    started_ms: int
    words: tuple[Word, ...]
    tentative: tuple[Word, ...]
    confidence: float
    speech_ms: int


@dataclass(slots=True)
class TurnState:
    """The turn that is going on, and the silence that may end it.

    Attributes:
        now_ms: How far the audio has come.
        words: The certain words since the last turn ended.
        tentative: The uncertain ones after them.
        settled: Whether all speech has become words.
        speech_ms: How much speech there was since the last turn ended.
        started_ms: Where the first of it began.
        silent_from_ms: Where the silence began that is going on, None amid speech.
        speaking_from_ms: Where the speech began that is going on, or went on last.
        announced: Whether it was told that the turn has begun.
    """

    now_ms: int = 0
    words: list[Word] = field(default_factory=list)
    tentative: tuple[Word, ...] = ()
    settled: bool = True
    speech_ms: int = 0
    started_ms: int | None = None
    silent_from_ms: int | None = 0
    speaking_from_ms: int = 0
    announced: bool = False
    _changed_ms: int = 0
    _cut_ms: int = 0

    @property
    def unsure(self) -> bool:
        """Whether something that was said isn't certain yet."""
        return bool(self.tentative) or not self.settled

    def move(self, step: Step) -> None:
        """The audio goes on, speaking or silent; the words that come with it are not known yet."""
        begin_ms, self.now_ms = self.now_ms, step.until_ms
        if not step.speech:
            if self.silent_from_ms is None:
                self.silent_from_ms = begin_ms
            return
        if self.silent_from_ms is not None:
            self.speaking_from_ms = begin_ms
        self.silent_from_ms = None
        self.speech_ms += step.until_ms - begin_ms
        if self.started_ms is None:
            self.started_ms = begin_ms

    def learn(self, step: Step) -> bool:
        """Takes in the words that are known at the end of the step; tells if any changed."""
        final = self._after_cut(step.final)
        tentative = self.tentative if step.tentative is None else self._after_cut(step.tentative)
        changed = bool(final) or tentative != self.tentative
        if changed or step.settled != self.settled:
            self._changed_ms = step.until_ms
        self.words += final
        self.tentative = tentative
        self.settled = step.settled
        return changed

    def touch(self) -> None:
        """Something changed now that decides what happens next."""
        self._changed_ms = self.now_ms

    def take_all(self) -> None:
        """Takes the uncertain words for certain."""
        self.words += self.tentative
        self.tentative = ()

    def no_earlier(self, moment_ms: int) -> int:
        """A moment, or that of the last change where that came later: nothing happens before."""
        return max(moment_ms, self._changed_ms)

    def outcome(self, kind: Kind, at_ms: int, confidence: float) -> Outcome:
        """The turn as it stands."""
        words = tuple(self.words)
        return Outcome(
            kind=kind,
            at_ms=at_ms,
            started_ms=self._beginning(),
            words=words,
            tentative=self.tentative,
            confidence=confidence,
            speech_ms=self.speech_ms,
        )

    def begin_anew(self, at_ms: int, left: tuple[Word, ...]) -> None:
        """The turn is over; of what was said, only `left` belongs to the next one."""
        speaking = self.silent_from_ms is None
        self.words = []
        self.tentative = left
        self.speech_ms = self.now_ms - at_ms if speaking else 0
        self.started_ms = at_ms if speaking else None
        self.announced = False
        self._changed_ms = at_ms

    def cut(self) -> None:
        """What was said up to now and becomes known later belongs to no turn."""
        self._cut_ms = self.now_ms

    def _after_cut(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """The words that were said after the last cut, by their middles."""
        return tuple(word for word in words if (word.start_ms + word.end_ms) // 2 >= self._cut_ms)

    def _beginning(self) -> int:
        """Where the turn began: its first sound, or its first word where that came earlier."""
        known = [word.start_ms for word in (*self.words, *self.tentative)[:1]]
        sound = [] if self.started_ms is None else [self.started_ms]
        return min(known + sound, default=self.now_ms)
