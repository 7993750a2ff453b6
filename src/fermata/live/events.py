"""What a live session tells: the events of a provider, and those of the session itself.

A provider gives times in milliseconds of audio sent over its connection. Before an observer
sees an event, its times, its `turn_order` and its speakers are put on the channel's own: times
from the start of the source, one increasing order, speakers that stay apart across sessions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Word:
    """A word as heard.

    Attributes:
        text: The word, with punctuation where the service gives it.
        start_ms: Its start.
        end_ms: Its end.
        confidence: 0 to 1; None where the service gives none.
        is_final: Whether the word will not change any more.
        speaker: The service's label; None where it can't tell.
    """

    text: str
    start_ms: float
    end_ms: float
    confidence: float | None
    is_final: bool
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Began:
    """A session began; from here on it costs money.

    Attributes:
        session_id: The service's name for it.
        expires_at: When the service will end it, in seconds since 1970; None if it doesn't say.
        configuration: What the service says it will do, as received.
    """

    session_id: str
    expires_at: float | None
    configuration: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn as it stands now; a later one of the same order replaces it.

    Attributes:
        turn_order: Counts up from 0 in each session.
        text: What was said so far; may be empty while `words` is not.
        words: Its words.
        end_of_turn: Whether the turn is over.
        is_formatted: Whether `text` has punctuation and capitals.
        speaker: The label of the turn; None where the service can't tell.
        language: Language code, where the service detects it.
    """

    turn_order: int
    text: str
    words: tuple[Word, ...]
    end_of_turn: bool
    is_formatted: bool
    speaker: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak at `at_ms`."""

    at_ms: float


@dataclass(frozen=True, slots=True)
class RevisedTurn:
    """The speakers of an earlier turn, corrected; text and times of its words are unchanged."""

    turn_order: int
    speaker: str | None
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class SpeakerRevision:
    """The service changed its mind on who spoke in earlier turns."""

    revisions: tuple[RevisedTurn, ...]


@dataclass(frozen=True, slots=True)
class LlmAnswer:
    """What a language model answered to a turn.

    Attributes:
        turn_order: The turn it answers.
        text: The answer; empty where the model gave none.
        raw: The answer as received.
    """

    turn_order: int
    text: str
    raw: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know; the session goes on.

    Attributes:
        code: A short name for its kind, such as `configuration`.
        text: One line.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """The service sent something that says no more than that it is there: a heartbeat, say."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over, in good order.

    Attributes:
        audio_s: How much audio the service received; None if it doesn't say.
        billed_s: How long it bills; None if it doesn't say.
    """

    audio_s: float | None
    billed_s: float | None


Event = Began | Turn | SpeechStarted | SpeakerRevision | LlmAnswer | Notice | SignOfLife | Ended
"""What a provider's connection tells."""


class HoleReason(StrEnum):
    """Why the service did not hear, or may not have understood, a piece of the source."""

    DROPPED = "dropped"
    """Never sent: it was given up because the buffer was full, or the source had lost it."""

    UNCONFIRMED = "unconfirmed"
    """Sent, but the connection broke or the session ended before the service had answered for
    it, and it could not be sent again. What was said there is missing, or stands in a turn that
    was cut off; silence is no loss."""

    UNSENT = "unsent"
    """Still waiting to be sent when the session was told to end, or could not go on."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A piece of the source without a reliable transcript, in milliseconds from its start."""

    start_ms: float
    end_ms: float
    reason: HoleReason


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The connection is lost, and a new session will be tried.

    Attributes:
        error: What happened, in one line.
        retry_in_s: How long until the next attempt.
    """

    error: str
    retry_in_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The channel goes on no longer, for the reason in `error`."""

    error: str


LiveEvent = Event | Hole | Interrupted | Failed
"""What an observer sees."""
