"""Utterances: the runs of one speaker that a transcript with speaker labels is cut into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fermata.errors import FermataError
from fermata.validation import first_problem


class MalformedTranscriptError(FermataError):
    """A transcript whose utterances cannot be read as the v2 API defines them."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One run of speech of one speaker.

    Attributes:
        speaker: the label that the service gave (`A`, `1`, `1A`), or None where it gave none.
        start_ms: when the first word starts, in ms from the start of the recording.
        end_ms: when the last word ends, not before `start_ms`.
    """

    speaker: str | None
    start_ms: int
    end_ms: int


# A time with a fraction is refused on purpose: such a number is in seconds, not in ms.
_Milliseconds = Annotated[int, Field(ge=0)]


class _WireUtterance(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    start: _Milliseconds
    end: _Milliseconds
    speaker: str | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"ends at {self.end} ms, before it starts at {self.start} ms")
        return self


class _WireTranscript(BaseModel):
    model_config = ConfigDict(extra="ignore")

    utterances: list[_WireUtterance] | None = None


def utterances_of(transcript: Mapping[str, Any]) -> tuple[Utterance, ...]:
    """Reads the utterances of a pre-recorded v2 transcript, in the order of their start.

    Args:
        transcript: the decoded body of `GET /v2/transcript/{id}`. Its `utterances` may be
            missing, null, empty or out of order; a missing `speaker` is None.

    Returns:
        The utterances sorted by start, then by end; equal ones keep the transcript's order.

    Raises:
        MalformedTranscriptError: a time is missing, negative, no whole number of ms, or an
            utterance ends before it starts.
    """
    try:
        wire = _WireTranscript.model_validate(transcript)
    except ValidationError as error:
        raise MalformedTranscriptError(
            f"the transcript is not in the v2 format ({first_problem(error)}); "
            "check that the service's address is that of an AssemblyAI v2 API"
        ) from None
    found = (Utterance(u.speaker, u.start, u.end) for u in wire.utterances or ())
    return tuple(sorted(found, key=lambda utterance: (utterance.start_ms, utterance.end_ms)))
