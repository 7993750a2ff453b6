"""The messages of the service, read and turned into the events of a live session.

Fields and types that are not known are let pass: the service adds some every month. A known
type without the fields it lives on is malformed.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from fermata.assemblyai.streaming.closing import classify
from fermata.live.errors import MalformedMessageError
from fermata.live.events import (
    Began,
    Ended,
    Event,
    LlmAnswer,
    Notice,
    RevisedTurn,
    SignOfLife,
    SpeakerRevision,
    SpeechStarted,
    Turn,
    Word,
)
from fermata.quoting import quoted
from fermata.validation import first_problem

_A_DAY_S = 86_400
"""No session lasts as long: three hours is the most."""

Milliseconds = Annotated[float, Field(ge=0, le=_A_DAY_S * 1000)]
Seconds = Annotated[float, Field(ge=0, le=_A_DAY_S)]
Order = Annotated[int, Field(ge=0, lt=2**31)]

_UNKNOWN_ERROR_CODE = 1011
_LABEL = re.compile(r"\d*[A-Z]")


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class WordMessage(_Message):
    """A word; times in milliseconds of the session."""

    text: str
    start: Milliseconds
    end: Milliseconds
    confidence: float | None = None
    word_is_final: bool = True
    speaker: str | None = None

    def word(self) -> Word:
        """The word as an event carries it."""
        return Word(
            self.text,
            self.start,
            self.end,
            self.confidence,
            self.word_is_final,
            known_speaker(self.speaker),
        )


class BeginMessage(_Message):
    """`Begin`."""

    id: str = Field(min_length=1)
    expires_at: float | None = None
    configuration: dict[str, Any] | None = None

    def event(self) -> Event:
        """The session began."""
        return Began(self.id, self.expires_at, self.configuration or {})


class TurnMessage(_Message):
    """`Turn`."""

    turn_order: Order
    end_of_turn: bool
    transcript: str = ""
    turn_is_formatted: bool = False
    words: list[WordMessage] = []
    speaker_label: str | None = None
    language_code: str | None = None

    def event(self) -> Event:
        """A turn as it stands."""
        return Turn(
            self.turn_order,
            self.transcript,
            tuple(word.word() for word in self.words),
            self.end_of_turn,
            self.turn_is_formatted,
            known_speaker(self.speaker_label),
            self.language_code,
        )


class SpeechStartedMessage(_Message):
    """`SpeechStarted`."""

    timestamp: Milliseconds

    def event(self) -> Event:
        """Somebody began to speak."""
        return SpeechStarted(self.timestamp)


class RevisionItem(_Message):
    """One turn of a `SpeakerRevision`."""

    turn_order: Order
    speaker_label: str | None = None
    words: list[WordMessage] = []

    def revised(self) -> RevisedTurn:
        """The corrected turn."""
        words = tuple(word.word() for word in self.words)
        return RevisedTurn(self.turn_order, known_speaker(self.speaker_label), words)


class SpeakerRevisionMessage(_Message):
    """`SpeakerRevision`."""

    revisions: list[RevisionItem] = []

    def event(self) -> Event:
        """Who spoke was corrected."""
        return SpeakerRevision(tuple(item.revised() for item in self.revisions))


class LlmResponseMessage(_Message):
    """`LLMGatewayResponse`; `data` is a chat completion."""

    turn_order: Order
    data: Any = None

    def event(self) -> Event:
        """A model's answer."""
        raw = self.data if isinstance(self.data, dict) else {"data": self.data}
        return LlmAnswer(self.turn_order, _content(raw), raw)


class WarningMessage(_Message):
    """`Warning`."""

    warning: str
    warning_code: int | None = None

    def event(self) -> Event:
        """Something to know."""
        return Notice("service_warning", f"the service warns: {quoted(self.warning)}")


class ErrorMessage(_Message):
    """`Error`; the session is over, and no `Termination` follows."""

    error: str
    error_code: int | None = None

    def event(self) -> Event:
        """Raises what it stands for."""
        code = _UNKNOWN_ERROR_CODE if self.error_code is None else self.error_code
        raise classify(code, self.error)


class TerminationMessage(_Message):
    """`Termination`."""

    audio_duration_seconds: Seconds | None = None
    session_duration_seconds: Seconds | None = None

    def event(self) -> Event:
        """The session is over."""
        return Ended(self.audio_duration_seconds, self.session_duration_seconds)


class HeartbeatMessage(_Message):
    """`Heartbeat`, of which a live session needs no more than that it came."""

    def event(self) -> Event:
        """The service is there."""
        return SignOfLife()


class SilenceMessage(HeartbeatMessage):
    """`Silence`, the same."""


_TYPES: dict[str, type[Any]] = {
    "Begin": BeginMessage,
    "Turn": TurnMessage,
    "SpeechStarted": SpeechStartedMessage,
    "SpeakerRevision": SpeakerRevisionMessage,
    "LLMGatewayResponse": LlmResponseMessage,
    "Warning": WarningMessage,
    "Error": ErrorMessage,
    "Termination": TerminationMessage,
    "Heartbeat": HeartbeatMessage,
    "Silence": SilenceMessage,
}


def read(data: bytes, on_unknown: Callable[[str], None]) -> Event:
    """Reads a message.

    Args:
        data: The message as received.
        on_unknown: Told the type of a message that is not known, which is ignored.

    Returns:
        The event; a sign of life where the message says nothing that matters here.

    Raises:
        MalformedMessageError: It can't be read.
        SessionError: It is an `Error` message.
    """
    fields = _fields(data)
    kind = fields.get("type", "Error" if "error" in fields else None)
    message_type = _TYPES.get(kind) if isinstance(kind, str) else None
    if message_type is None:
        on_unknown(quoted(str(kind)))
        return SignOfLife()
    try:
        message = message_type.model_validate(fields)
    except ValidationError as error:
        raise MalformedMessageError(
            f"the service sent a {kind} message that can't be read ({first_problem(error)}): "
            "a new session is tried"
        ) from error
    event: Event = message.event()
    return event


def known_speaker(label: str | None) -> str | None:
    """The label, unless it stands for nobody: `UNKNOWN`, `PENDING`, or whatever comes next.

    >>> known_speaker("A"), known_speaker("UNKNOWN"), known_speaker(None)
    ('A', None, None)
    """
    return label if label is not None and _LABEL.fullmatch(label) else None


def _fields(data: bytes) -> dict[str, Any]:
    try:
        fields = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise MalformedMessageError(
            "the service sent a message that is no JSON: it was passed over"
        ) from error
    if not isinstance(fields, dict):
        raise MalformedMessageError(
            "the service sent a message that is no JSON object: it was passed over"
        )
    return fields


def _content(completion: dict[str, Any]) -> str:
    """The text of a chat completion, empty where there is none."""
    try:
        content = completion["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return ""
    return content if isinstance(content, str) else ""
