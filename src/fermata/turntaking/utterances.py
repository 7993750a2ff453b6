"""Utterances: the runs of one speaker that a transcript with speaker labels is cut into."""

from dataclasses import dataclass

from fermata.errors import FermataError


class MalformedTranscriptError(FermataError):
    """A transcript that cannot be read as the v2 API defines it, or whose times cannot be true."""


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
