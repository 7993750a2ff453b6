"""The turns of one channel as they are heard: partial, final, formatted, revised.

A service sends a turn again and again while it grows, once when it is over, and perhaps once
more with punctuation. All carry the same order, so the book keeps one entry for each:

- partials replace each other until one says that the turn is over;
- a final turn is overwritten only by a formatted one, whether the service formats in the same
  message, in a second one, or never (AssemblyAI documents all three);
- a message without words, as the one that ends a session, takes nothing away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from fermata.live.events import RevisedTurn, Turn, Word


class TurnState(StrEnum):
    """How a turn stands."""

    OPEN = "open"
    """Still being spoken; its text may change."""

    FINAL = "final"
    """Over; only its formatting or its speakers may still change."""

    CUT = "cut"
    """The connection broke before its end; it keeps the words that could not be sent again."""

    WITHDRAWN = "withdrawn"
    """The connection broke before its end, and all of it is heard again in a later turn."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a turn by one speaker; times in milliseconds from the start of the source."""

    speaker: str | None
    text: str
    start_ms: float | None
    end_ms: float | None
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """A turn as it stands; times in milliseconds from the start of the source.

    Attributes:
        channel: Index of the channel.
        order: Increases over the whole channel, across sessions; with `channel`, its key.
        session_id: The session that heard it.
        text: What was said.
        words: Its words.
        speaker: The service's label for the turn; None where it can't tell. From the second
            session of a channel on it has the session's number, as in `A/2`: nobody knows
            whether that is the `A` of the first.
        language: Language code, where detected.
        state: How it stands.
        is_formatted: Whether the service formatted its text.
        first_partial_latency_ms: From the end of the last word of the first message about
            this turn, as spoken, to the arrival of that message.
        final_latency_ms: The same for the first message that said it was over.
    """

    channel: int
    order: int
    session_id: str
    text: str
    words: tuple[Word, ...]
    speaker: str | None
    language: str | None
    state: TurnState
    is_formatted: bool
    first_partial_latency_ms: float | None
    final_latency_ms: float | None

    @property
    def start_ms(self) -> float | None:
        """Where its first word starts."""
        return self.words[0].start_ms if self.words else None

    @property
    def end_ms(self) -> float | None:
        """Where its last word ends."""
        return self.words[-1].end_ms if self.words else None

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The turn, split where the speaker changes from word to word.

        Words that the service gives to nobody stay with nobody, because they often are a
        listener's "yeah". Where no word has a speaker, the turn's own label holds.
        """
        voices = {word.speaker for word in self.words}
        if len(voices) <= 1:
            speaker = next(iter(voices), None) or self.speaker
            return (Segment(speaker, self.text, self.start_ms, self.end_ms, self.words),)
        runs = groupby(self.words, key=lambda word: word.speaker)
        return tuple(_segment(speaker, tuple(words)) for speaker, words in runs)


class TurnBook:
    """All turns of a channel, by their order. Not thread-safe.

    Args:
        channel: Index of the channel.
    """

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._turns: dict[int, HeardTurn] = {}

    def hear(self, turn: Turn, session_id: str, latency_ms: float | None) -> HeardTurn | None:
        """Enters what a provider says about a turn.

        Args:
            turn: Put on the channel's order and the source's clock.
            session_id: The session that it comes from.
            latency_ms: From the end of its last word, as spoken, to now.

        Returns:
            The turn as it stands now, or None if nothing about it has changed.
        """
        known = self._turns.get(turn.turn_order)
        if not turn.text and not turn.words:
            return self._close_empty(known, turn)
        if known is None:
            return self._keep(self._opened(turn, session_id, latency_ms))
        if known.state is not TurnState.OPEN:
            overwrites = known.state is TurnState.FINAL and turn.is_formatted
            return self._keep(_overwritten(known, turn, latency_ms)) if overwrites else None
        return self._keep(_overwritten(known, turn, latency_ms))

    def revise(self, revisions: Iterable[RevisedTurn]) -> tuple[HeardTurn, ...]:
        """Corrects the speakers of earlier turns.

        Returns:
            The turns that have changed.
        """
        known = ((self._turns.get(each.turn_order), each) for each in revisions)
        return tuple(
            self._keep(_revised(turn, revision)) for turn, revision in known if turn is not None
        )

    def cut(self, resent_from_ms: float | None) -> tuple[HeardTurn, ...]:
        """Ends turns that were open when the connection broke.

        Args:
            resent_from_ms: From where on the source is heard again; None: it is not.

        Returns:
            The turns that have changed: they keep the words from before that place, or are
            withdrawn where none is left.
        """
        return tuple(self._keep(_cut(turn, resent_from_ms)) for turn in self.still_open)

    def lacks_one(self, first_order: int, before_order: int) -> bool:
        """Whether a turn from `first_order` on was never said to be over, before another one."""
        known = (self._turns.get(order) for order in range(first_order, before_order))
        return any(turn is None or turn.state is TurnState.OPEN for turn in known)

    @property
    def still_open(self) -> tuple[HeardTurn, ...]:
        """The turns that are still spoken, as far as is known."""
        return tuple(turn for turn in self._turns.values() if turn.state is TurnState.OPEN)

    @property
    def next_order(self) -> int:
        """The order after that of all turns so far."""
        return max(self._turns, default=-1) + 1

    @property
    def finals(self) -> int:
        """How many turns are over."""
        return sum(turn.state is TurnState.FINAL for turn in self._turns.values())

    @property
    def turns(self) -> tuple[HeardTurn, ...]:
        """All turns, in order, without those withdrawn."""
        return tuple(
            self._turns[order]
            for order in sorted(self._turns)
            if self._turns[order].state is not TurnState.WITHDRAWN
        )

    def _keep(self, turn: HeardTurn) -> HeardTurn:
        self._turns[turn.order] = turn
        return turn

    def _opened(self, turn: Turn, session_id: str, latency_ms: float | None) -> HeardTurn:
        return HeardTurn(
            channel=self._channel,
            order=turn.turn_order,
            session_id=session_id,
            text=_text(turn),
            words=turn.words,
            speaker=turn.speaker,
            language=turn.language,
            state=TurnState.FINAL if turn.end_of_turn else TurnState.OPEN,
            is_formatted=turn.is_formatted,
            first_partial_latency_ms=latency_ms,
            final_latency_ms=latency_ms if turn.end_of_turn else None,
        )

    def _close_empty(self, known: HeardTurn | None, turn: Turn) -> HeardTurn | None:
        if known is None or not turn.end_of_turn or known.state is not TurnState.OPEN:
            return None
        return self._keep(replace(known, state=TurnState.FINAL))


def _text(turn: Turn) -> str:
    """A partial's text may lack the word being spoken, which stands only among its words."""
    if turn.end_of_turn or len(turn.text.split()) >= len(turn.words):
        return turn.text
    return " ".join(word.text for word in turn.words)


def _overwritten(known: HeardTurn, turn: Turn, latency_ms: float | None) -> HeardTurn:
    ends_now = turn.end_of_turn and known.state is TurnState.OPEN
    over = turn.end_of_turn or known.state is TurnState.FINAL
    return replace(
        known,
        text=_text(turn) if turn.text or turn.words else known.text,
        words=turn.words or known.words,
        speaker=turn.speaker or known.speaker,
        language=turn.language or known.language,
        state=TurnState.FINAL if over else TurnState.OPEN,
        is_formatted=turn.is_formatted,
        final_latency_ms=latency_ms if ends_now else known.final_latency_ms,
    )


def _revised(turn: HeardTurn, revision: RevisedTurn) -> HeardTurn:
    """Takes the speakers alone from a revision: text and times are those already shown."""
    if len(revision.words) != len(turn.words):
        return replace(turn, speaker=revision.speaker, words=revision.words or turn.words)
    words = tuple(
        replace(word, speaker=revised.speaker)
        for word, revised in zip(turn.words, revision.words, strict=True)
    )
    return replace(turn, speaker=revision.speaker, words=words)


def _cut(turn: HeardTurn, resent_from_ms: float | None) -> HeardTurn:
    if resent_from_ms is None:
        return replace(turn, state=TurnState.CUT)
    kept = tuple(word for word in turn.words if word.end_ms <= resent_from_ms)
    if not kept:
        return replace(turn, state=TurnState.WITHDRAWN, text="", words=())
    text = " ".join(word.text for word in kept)
    return replace(turn, state=TurnState.CUT, text=text, words=kept)


def _segment(speaker: str | None, words: tuple[Word, ...]) -> Segment:
    text = " ".join(word.text for word in words)
    return Segment(speaker, text, words[0].start_ms, words[-1].end_ms, words)
