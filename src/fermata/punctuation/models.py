"""What a measurement of streaming punctuation says, as it is kept."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class LeftOut(StrEnum):
    """Why a silence of the batch transcript says nothing about the streaming model."""

    NOT_STREAMED = "not-streamed"
    """It begins, or is not over yet, where the streamed audio ends."""

    LOST = "lost"
    """A session broke, or audio was lost, around it."""

    NO_WORD = "no-word"
    """The streaming model has no word that ends where this silence begins."""

    LAST_WORD = "last-word"
    """It follows the last word of a session, whose turn ends with the session anyhow."""

    TOO_LONG = "too-long"
    """It is as long as the maximum, which ends any turn."""


class _Part(BaseModel):
    # A newer version may write more than this one knows.
    model_config = ConfigDict(extra="ignore", frozen=True)


class MeasuredShare(_Part):
    """How often the streaming model took silences of one kind for the other.

    Attributes:
        silences: how many of that kind were compared.
        wrong: how many of them it took for the other kind.
        share: `wrong` over `silences`; None without silences.
        low: lower end of the 95 % interval, see `fermata.punctuation.estimate`.
        high: its upper end.
    """

    silences: int = Field(ge=0)
    wrong: int = Field(ge=0)
    share: float | None = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class MeasuringParameters(_Part):
    """How a measurement was made.

    Attributes:
        min_turn_silence_ms: the sessions' minimum; each end before the maximum is a verdict.
        max_turn_silence_ms: the sessions' maximum.
        end_of_turn_confidence_threshold: the sessions' threshold, where the model takes one.
        shortest_silence_ms: shorter silences of the batch transcripts were not compared.
        tolerance_ms: how far apart the ends of the same word may lie.
    """

    min_turn_silence_ms: int
    max_turn_silence_ms: int
    end_of_turn_confidence_threshold: float | None
    shortest_silence_ms: int
    tolerance_ms: int


class Measurement(_Part):
    """How the verdicts of one streaming model compare with the batch transcripts.

    Attributes:
        speech_model: the streaming model.
        provider: who ran it.
        complete_read_as_open: `q`, see `fermata.replay.Assumptions`.
        open_read_as_complete: `m`.
        left_out: silences that could not be compared, by reason.
        recordings: how many recordings were compared.
        batch_models: who made their batch transcripts.
        billed_minutes: of streaming, over all channels.
        measured_at: when.
        parameters: how.
    """

    speech_model: str
    provider: str
    complete_read_as_open: MeasuredShare
    open_read_as_complete: MeasuredShare
    left_out: dict[LeftOut, int]
    recordings: int
    batch_models: tuple[str, ...]
    billed_minutes: float
    measured_at: AwareDatetime
    parameters: MeasuringParameters


class Punctuation(_Part):
    """The newest measurement of each streaming model, by the name that `model_key` gives."""

    models: dict[str, Measurement] = {}
