"""Gladia's messages and the events that they become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fermata.gladia.clock import SentAudio
from fermata.live.errors import MalformedMessageError
from fermata.live.events import Event, Notice, SpeechStarted, Turn, Word
from fermata.quoting import quoted


class _Received(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class _Envelope(_Received):
    type: str
    data: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    acknowledged: bool = True


_A_DAY_S = 86_400
"""No session lasts as long."""

_Seconds = Annotated[float, Field(ge=0, le=_A_DAY_S)]


class _Word(_Received):
    word: str
    start: _Seconds
    end: _Seconds
    confidence: float | None = None


class _Utterance(_Received):
    text: str
    words: tuple[_Word, ...] = ()
    speaker: int | None = None
    language: str | None = None


class _Transcript(_Received):
    id: str
    is_final: bool
    utterance: _Utterance


class _Speech(_Received):
    time: _Seconds


class _Recording(_Received):
    recording_duration: _Seconds


class _Metadata(_Received):
    audio_duration: _Seconds
    billing_time: _Seconds


class _FinalTranscript(_Received):
    metadata: _Metadata


@dataclass(slots=True)
class Interpreter:
    """Turns the messages of one session into events.

    Attributes:
        audio: the session's audio as Gladia counts it.
        audio_s: how much audio Gladia says it got; None until it does.
        billed_s: how much it says it bills; None until it does.
        has_ended: whether it says that the session is over, with all that was heard in it.
        unfinished: orders of the turns whose last word was a partial one.
    """

    audio: SentAudio
    audio_s: float | None = None
    billed_s: float | None = None
    has_ended: bool = False
    unfinished: set[int] = field(default_factory=set)
    _orders: dict[str, int] = field(default_factory=dict)

    def event(self, message: bytes) -> Event | None:
        """The event that a message stands for; None for one that tells nothing new.

        Raises:
            MalformedMessageError: The message can't be read.
        """
        try:
            envelope = _Envelope.model_validate_json(message)
            if envelope.type == "error" or envelope.error or not envelope.acknowledged:
                return _notice(envelope)
            return self._read(envelope.type, envelope.data or {})
        except ValidationError as error:
            kinds = {detail["type"] for detail in error.errors(include_input=False)}
            raise MalformedMessageError(
                f"Gladia sent a message that can't be read ({', '.join(sorted(kinds))}): "
                "it was passed over"
            ) from None

    def _read(self, kind: str, data: Mapping[str, Any]) -> Event | None:
        match kind:
            case "transcript":
                return self._turn(_Transcript.model_validate(data))
            case "speech_start":
                return SpeechStarted(self.audio.callers_ms(_Speech.model_validate(data).time))
            case "end_session":
                self.has_ended = True
            case "end_recording":
                self.audio_s = _Recording.model_validate(data).recording_duration
            case "post_final_transcript":
                metadata = _FinalTranscript.model_validate(data).metadata
                self.has_ended = True
                self.audio_s, self.billed_s = metadata.audio_duration, metadata.billing_time
        return None

    def _turn(self, transcript: _Transcript) -> Turn:
        order = self._orders.setdefault(transcript.id, len(self._orders))
        if transcript.is_final:
            self.unfinished.discard(order)
        else:
            self.unfinished.add(order)
        utterance = transcript.utterance
        speaker = None if utterance.speaker is None else str(utterance.speaker)
        return Turn(
            turn_order=order,
            text=utterance.text.strip(),
            words=tuple(
                Word(
                    text=each.word.strip(),
                    start_ms=self.audio.callers_ms(each.start),
                    end_ms=self.audio.callers_ms(each.end),
                    confidence=each.confidence,
                    is_final=transcript.is_final,
                    speaker=speaker,
                )
                for each in utterance.words
            ),
            end_of_turn=transcript.is_final,
            is_formatted=True,
            speaker=speaker,
            language=utterance.language,
        )


def _notice(envelope: _Envelope) -> Notice:
    # No schema describes an error: its words are where the documents and the clients look.
    told = envelope.error or envelope.data or {}
    return Notice(quoted(envelope.type), quoted(str(told.get("message", "no text"))))
