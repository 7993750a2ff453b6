"""When a turn ends: the documented rule of each model family, applied to audio time.

Nothing here looks at a clock. A rule is fed with steps of audio and says what happens at which
millisecond of it, wherever the borders of the steps lie; silence is counted from the end of
speech. `UniversalStreamingRule` ends turns by confidence, `PunctuationRule` by punctuation (the
Universal-3 models). What both do with words and silences is in `turn_state`.
"""

from collections.abc import Callable, Sequence

from fermata.localserver.streaming.families import TurnSettings
from fermata.localserver.streaming.timeline import Step, Word
from fermata.localserver.streaming.turn_state import Kind, Outcome, TurnState

SHORTEST_SPEECH_MS = 80
"""Universal-Streaming ends no turn with less speech than this since the last one ended."""

COMPLETE_FROM = 0.5
"""What confidence stands for punctuation at the end, where only punctuation counts."""

Judge = Callable[[Sequence[Word]], float]
"""How sure it is, in [0, 1], that some words end a turn."""

_Moment = tuple[int, Kind]


class UniversalStreamingRule:
    """Universal-Streaming: a turn ends where the words sound final, or the silence is long.

    It ends when no word is uncertain any more and there were `SHORTEST_SPEECH_MS` of speech, and
    either the confidence is above the threshold and the silence as long as `min_turn_silence_ms`,
    or the confidence is below it and the silence as long as `max_turn_silence_ms`. (A confidence
    equal to the threshold, which the pages leave open, counts as below.) A silence that is as long
    as the former without ending the turn ends an utterance. Every change of words is told.
    """

    def __init__(self, settings: TurnSettings, judge: Judge) -> None:
        self.settings = settings
        self._judge = judge
        self._state = TurnState()
        self._paused = False

    def advance(self, step: Step) -> list[Outcome]:
        """Takes in a step of audio and says what happened in it, in order."""
        state = self._state
        state.move(step)
        if step.speech:
            self._paused = False
        outcomes = self._due(step.until_ms)
        if state.learn(step):
            outcomes.append(self._outcome(Kind.PARTIAL, step.until_ms))
        return outcomes + self._due(step.until_ms + 1)

    def change(self, settings: TurnSettings) -> None:
        """Goes by other settings from now on; what has passed isn't judged again."""
        self.settings = settings
        self._state.touch()

    def force(self) -> list[Outcome]:
        """Ends the turn now, with the words that are certain; a word amid is lost."""
        self._state.cut()
        self._state.tentative = ()
        return self._end(self._state.now_ms) if self._state.words else []

    def finish(self) -> list[Outcome]:
        """Ends the turn at the end of the audio."""
        return self.force()

    def _due(self, before_ms: int) -> list[Outcome]:
        """What the silence brings about before that moment."""
        outcomes = []
        while (moment := self._next()) is not None and moment[0] < before_ms:
            at_ms, kind = moment
            if kind is Kind.FINAL:
                outcomes += self._end(at_ms)
            else:
                self._paused = True
                outcomes.append(self._outcome(kind, at_ms))
        return outcomes

    def _next(self) -> _Moment | None:
        """What comes next if the silence goes on."""
        state, settings = self._state, self.settings
        if state.silent_from_ms is None or not state.words or state.unsure:
            return None
        if state.speech_ms < SHORTEST_SPEECH_MS:
            return None
        sure = self._judge(state.words) > settings.confidence_threshold
        silence_ms = settings.min_turn_silence_ms if sure else settings.max_turn_silence_ms
        ends = state.no_earlier(state.silent_from_ms + silence_ms), Kind.FINAL
        if self._paused:
            return ends
        pauses = state.no_earlier(state.silent_from_ms + settings.min_turn_silence_ms), Kind.PAUSE
        return pauses if pauses[0] < ends[0] else ends

    def _end(self, at_ms: int) -> list[Outcome]:
        """The end of the turn."""
        ended = self._outcome(Kind.FINAL, at_ms)
        self._state.begin_anew(at_ms, left=())
        return [ended]

    def _outcome(self, kind: Kind, at_ms: int) -> Outcome:
        """The turn as it stands."""
        return self._state.outcome(kind, at_ms, self._judge(self._state.words))


class PunctuationRule:
    """Universal-3: a turn ends at a mark that ends a sentence, or where the silence is long.

    Once in each silence, at `min_turn_silence_ms`, the words are looked at: with such a mark at
    their end the turn is over, without one they are told as they are. At `max_turn_silence_ms` it
    is over whatever they say. The models from 3.5 on tell them amid speech as well, first
    `first_partial_ms` after the turn's first sound and then every `partial_every_ms`, and end a
    turn that lasts `longest_turn_ms`.
    """

    def __init__(self, settings: TurnSettings, judge: Judge) -> None:
        self.settings = settings
        self._judge = judge
        self._state = TurnState()
        self._checked = False
        self._next_partial_ms: int | None = None

    def advance(self, step: Step) -> list[Outcome]:
        """Takes in a step of audio and says what happened in it, in order."""
        state = self._state
        state.move(step)
        if step.speech:
            self._checked = False
            self._schedule()
        outcomes = self._due(step.until_ms)
        state.learn(step)
        return outcomes + self._due(step.until_ms + 1)

    def change(self, settings: TurnSettings) -> None:
        """Goes by other settings from now on; what has passed isn't judged again."""
        self.settings = settings
        self._state.touch()

    def force(self) -> list[Outcome]:
        """Ends the turn now, with all words there are."""
        self._state.cut()
        self._state.take_all()
        return self._end(self._state.now_ms) if self._state.words else []

    def finish(self) -> list[Outcome]:
        """Ends the turn at the end of the audio."""
        return self.force()

    def _schedule(self) -> None:
        """Plans the first telling amid speech, where the model has one."""
        first_ms, started_ms = self.settings.first_partial_ms, self._state.started_ms
        if self._next_partial_ms is None and first_ms is not None and started_ms is not None:
            self._next_partial_ms = started_ms + first_ms

    def _due(self, before_ms: int) -> list[Outcome]:
        """What happens before that moment."""
        outcomes = []
        while (moment := self._next()) is not None and moment[0] < before_ms:
            outcomes += self._happen(*moment)
        return outcomes

    def _happen(self, at_ms: int, kind: Kind) -> list[Outcome]:
        """Carries out what is due."""
        if kind is Kind.FINAL:
            return self._end(at_ms)
        if kind is Kind.PAUSE:
            self._checked = True
        else:
            self._next_partial_ms = at_ms + self.settings.partial_every_ms
        return [*self._started(at_ms), self._state.outcome(kind, at_ms, 0.0)]

    def _next(self) -> _Moment | None:
        """What comes next if things go on as they are."""
        moments = [self._too_long(), *self._in_silence(), self._in_speech()]
        known = [moment for moment in moments if moment is not None]
        return min(known, key=lambda moment: moment[0], default=None)

    def _in_silence(self) -> list[_Moment]:
        """The check of the words, and the forced end."""
        state, settings = self._state, self.settings
        if state.silent_from_ms is None or not state.words or state.unsure:
            return []
        forced = state.no_earlier(state.silent_from_ms + settings.max_turn_silence_ms), Kind.FINAL
        if self._checked:
            return [forced]
        complete = self._judge(state.words) >= COMPLETE_FROM
        kind = Kind.FINAL if complete else Kind.PAUSE
        return [
            forced,
            (state.no_earlier(state.silent_from_ms + settings.min_turn_silence_ms), kind),
        ]

    def _in_speech(self) -> _Moment | None:
        """The telling amid speech."""
        state = self._state
        if self._next_partial_ms is None or state.silent_from_ms is not None:
            return None
        if not (state.words or state.tentative):
            return None
        return state.no_earlier(max(self._next_partial_ms, state.speaking_from_ms)), Kind.PARTIAL

    def _too_long(self) -> _Moment | None:
        """The end of a turn that lasts too long."""
        state, longest_ms = self._state, self.settings.longest_turn_ms
        if longest_ms is None or state.started_ms is None or not state.words:
            return None
        return state.no_earlier(state.started_ms + longest_ms), Kind.FINAL

    def _started(self, at_ms: int) -> list[Outcome]:
        """That the turn has begun, told once, with the first of its messages."""
        if self._state.announced:
            return []
        self._state.announced = True
        return [self._state.outcome(Kind.STARTED, at_ms, 1.0)]

    def _end(self, at_ms: int) -> list[Outcome]:
        """The end of the turn."""
        ended = [*self._started(at_ms), self._state.outcome(Kind.FINAL, at_ms, 1.0)]
        self._state.begin_anew(at_ms, left=self._state.tentative)
        self._next_partial_ms = None
        self._checked = False
        return ended


TurnRule = UniversalStreamingRule | PunctuationRule
