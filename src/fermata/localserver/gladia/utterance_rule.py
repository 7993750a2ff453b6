"""When an utterance ends with Gladia: by silence alone, or because it has lasted too long.

As with the turn rules, nothing here looks at a clock. An utterance ends where the silence has
lasted `endpointing_ms` and all words are known, or where it has lasted `longest_ms` since its
first sound, with the words that are certain by then.
"""

from dataclasses import dataclass
from enum import StrEnum

from fermata.localserver.streaming.timeline import Step, Word
from fermata.localserver.streaming.turn_state import TurnState


class What(StrEnum):
    """What the rule can say."""

    SPEECH_START = "speech_start"
    SPEECH_END = "speech_end"
    PARTIAL = "partial"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened at a moment of the audio."""

    what: What
    at_ms: int
    words: tuple[Word, ...] = ()


class UtteranceRule:
    """The utterances of one channel.

    Args:
        endpointing_ms: Silence that ends an utterance.
        longest_ms: How long one may last.
    """

    def __init__(self, endpointing_ms: int, longest_ms: int) -> None:
        self._endpointing_ms = endpointing_ms
        self._longest_ms = longest_ms
        self._state = TurnState()
        self._in_speech = False

    def advance(self, step: Step) -> list[Happening]:
        """Takes in a step of audio and says what happened in it, in order."""
        begin_ms = self._state.now_ms
        self._state.move(step)
        happenings = []
        if step.speech and not self._in_speech:
            self._in_speech = True
            happenings.append(Happening(What.SPEECH_START, begin_ms))
        happenings += self._due(step.until_ms)
        if self._state.learn(step):
            words = (*self._state.words, *self._state.tentative)
            happenings.append(Happening(What.PARTIAL, step.until_ms, words))
        return happenings + self._due(step.until_ms + 1)

    def finish(self) -> list[Happening]:
        """Ends what is going on at the end of the audio."""
        self._state.take_all()
        return self._end_speech(self._state.now_ms) + self._end(self._state.now_ms)

    def _due(self, before_ms: int) -> list[Happening]:
        """What happens before that moment."""
        state = self._state
        happenings = []
        if state.silent_from_ms is not None and self._in_speech:
            ended_ms = state.silent_from_ms + self._endpointing_ms
            if ended_ms < before_ms:
                happenings += self._end_speech(state.silent_from_ms)
        end_ms = self._end_ms()
        if end_ms is not None and end_ms < before_ms:
            happenings += self._end(end_ms)
        return happenings

    def _end_ms(self) -> int | None:
        """When the utterance ends if things go on as they are."""
        state = self._state
        if not state.words:
            return None
        moments = []
        if state.started_ms is not None:
            moments.append(state.no_earlier(state.started_ms + self._longest_ms))
        if state.silent_from_ms is not None and not state.unsure:
            moments.append(state.no_earlier(state.silent_from_ms + self._endpointing_ms))
        return min(moments, default=None)

    def _end_speech(self, at_ms: int) -> list[Happening]:
        """The end of speech, if there was any."""
        spoke, self._in_speech = self._in_speech, False
        return [Happening(What.SPEECH_END, at_ms)] if spoke else []

    def _end(self, at_ms: int) -> list[Happening]:
        """The end of the utterance, if there was any."""
        words = tuple(self._state.words)
        self._state.begin_anew(at_ms, left=self._state.tentative)
        return [Happening(What.FINAL, at_ms, words)] if words else []
