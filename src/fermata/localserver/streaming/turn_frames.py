"""Turns as the service writes them: by model family, and by its ways with `format_turns`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fermata.localserver.streaming import server_messages
from fermata.localserver.streaming.config import FormatTurns, StreamingConfig
from fermata.localserver.streaming.families import Family
from fermata.localserver.streaming.language import Language, broken_off, raw, text_of
from fermata.localserver.streaming.parameters import Parameters
from fermata.localserver.streaming.speakers import Speakers
from fermata.localserver.streaming.timeline import Word
from fermata.localserver.streaming.turn_state import Kind, Outcome

JsonObject = dict[str, Any]

MOST_SPEAKERS = 10
LANGUAGE = "en"
LANGUAGE_CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Written:
    """The frames of one outcome, and the transcript where a turn is over."""

    frames: tuple[JsonObject, ...]
    transcript: str | None = None


class TurnFrames:
    """Writes the turns of one session, and counts them."""

    def __init__(
        self,
        parameters: Parameters,
        config: StreamingConfig,
        language: Callable[[], Language],
    ) -> None:
        self._parameters = parameters
        self._two_messages = config.format_turns is FormatTurns.TWO_MESSAGES
        self._language = language
        self._speakers = Speakers(
            parameters.max_speakers or MOST_SPEAKERS, config.speaker_placeholder
        )
        self.turn_order = 0
        self._uttered = 0

    def write(self, outcome: Outcome) -> Written:
        """Writes what a turn rule said."""
        if outcome.kind is Kind.STARTED:
            started = server_messages.speech_started(outcome.started_ms, outcome.confidence)
            return Written((started,))
        if self._parameters.family is Family.UNIVERSAL_STREAMING:
            return self._universal_streaming(outcome)
        return self._universal_3(outcome)

    def last(self) -> list[JsonObject]:
        """What comes after the last turn of a session: corrections, or an empty turn."""
        frames = []
        if self._parameters.family is Family.UNIVERSAL_STREAMING:
            frames.append(self._turn((), (), ended=True, formatted=False, confidence=1.0))
        if revisions := self._speakers.revisions():
            frames.append(server_messages.speaker_revision(revisions))
        return frames

    def _universal_streaming(self, outcome: Outcome) -> Written:
        """A turn of Universal-Streaming, formatted if that was asked for."""
        ended = outcome.kind is Kind.FINAL
        wanted = self._parameters.format_turns
        states = (
            [False, True]
            if wanted and ended and self._two_messages
            else [wanted and not self._two_messages]
        )
        frames = [self._state_of(outcome, formatted=formatted) for formatted in states]
        if outcome.kind is Kind.PAUSE:
            self._uttered = len(outcome.words)
        return self._counted(outcome, frames)

    def _state_of(self, outcome: Outcome, *, formatted: bool) -> JsonObject:
        """A turn of Universal-Streaming as it stands."""
        ended = outcome.kind is Kind.FINAL
        language = self._language()
        everything = (*outcome.words, *outcome.tentative)
        write = (language.ended if ended else language.written) if formatted else raw
        written = tuple(write(everything))
        certain = written[: len(outcome.words)]
        turn = self._turn(
            certain,
            written[len(certain) :],
            ended=ended,
            formatted=formatted,
            confidence=outcome.confidence,
        )
        if outcome.kind in {Kind.FINAL, Kind.PAUSE}:
            turn["utterance"] = text_of(certain[self._uttered :])
        return self._attributed(turn, outcome) if ended else turn

    def _universal_3(self, outcome: Outcome) -> Written:
        """A turn of Universal-3: always formatted; partial words are never certain."""
        ended = outcome.kind is Kind.FINAL
        language = self._language()
        words = (*outcome.words, *outcome.tentative)
        written = language.ended(words) if ended else language.written(words)
        if outcome.kind is Kind.PAUSE:
            written = broken_off(written)
        turn = self._turn(
            written if ended else (),
            () if ended else written,
            ended=ended,
            formatted=ended or self._parameters.family is Family.UNIVERSAL_3_5,
            confidence=outcome.confidence,
        )
        turn["transcript"] = text_of(written)
        if ended:
            turn["utterance"] = turn["transcript"]
            turn = self._attributed(turn, outcome)
        return self._counted(outcome, [turn])

    def _turn(
        self,
        certain: Sequence[Word],
        uncertain: Sequence[Word],
        *,
        ended: bool,
        formatted: bool,
        confidence: float,
    ) -> JsonObject:
        """One Turn message."""
        turn = {
            "type": "Turn",
            "turn_order": self.turn_order,
            "turn_is_formatted": formatted,
            "end_of_turn": ended,
            "transcript": text_of(certain),
            "utterance": "",
            "end_of_turn_confidence": confidence,
            "words": [
                *(server_messages.word(word, final=True) for word in certain),
                *(server_messages.word(word, final=False) for word in uncertain),
            ],
        }
        if ended and self._parameters.language_detection:
            turn["language_code"] = LANGUAGE
            turn["language_confidence"] = LANGUAGE_CONFIDENCE
        return turn

    def _attributed(self, turn: JsonObject, outcome: Outcome) -> JsonObject:
        """A final turn with its speakers, if those were asked for."""
        if not self._parameters.speaker_labels:
            return turn
        return self._speakers.attribute(turn, outcome.words, outcome.speech_ms)

    def _counted(self, outcome: Outcome, frames: Sequence[JsonObject]) -> Written:
        """The frames, and the next turn's number where this one is over."""
        if outcome.kind is not Kind.FINAL:
            return Written(tuple(frames))
        self.turn_order += 1
        self._uttered = 0
        return Written(tuple(frames), frames[-1]["transcript"])
