"""What can be set on the streaming side of a local server."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt


class FormatTurns(StrEnum):
    """How `format_turns` is answered; the service's own pages say both."""

    ONE_MESSAGE = "one-message"
    TWO_MESSAGES = "two-messages"


class StreamingConfig(BaseModel):
    """The settings of the streaming side of one local server."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    format_turns: FormatTurns = FormatTurns.ONE_MESSAGE
    """Whether a formatted turn ends in one message, or in a raw one and a formatted one."""

    max_sessions: PositiveInt | None = None
    """How many sessions may be open at once; with none named, any number."""

    too_many_sessions_code: Literal[1008, 3009] = 1008
    """The close code of a session too many; the service's own pages name both."""

    audio_ahead_s: NonNegativeFloat = 300.0
    """How many seconds of audio may come ahead of the clock before a session is closed."""

    max_session_s: PositiveInt = 10_800
    """How long a session may last, in seconds; the service ends it after three hours."""

    clock_speed: PositiveFloat = 1.0
    """How much faster than the clock a session's own time limits run: inactivity, expiry,
    heartbeat, tokens. For tests that can't wait for hours."""

    speaker_placeholder: Literal["UNKNOWN", "PENDING"] | None = None
    """The label of turns with less than a second of speech, corrected by a SpeakerRevision at the
    end; with none named, they are labelled like all others."""

    gateway_models: frozenset[str] = frozenset()
    """The models that the account may ask; with none named, any."""

    max_gladia_sessions: PositiveInt | None = Field(default=None)
    """How many Gladia sessions may be unfinished at once; with none named, any number."""
