"""Readers of the shapes in which conversations come, all on one clock in milliseconds.

| shape | reader |
|---|---|
| pre-recorded v2 transcript, one channel or several; the local engine's | `read_transcript` |
| RTTM, as diarization and speech corpora use it | `read_rttm` |
| CSV of chunks: `begin_ms,end_ms,participant,utterance` | `read_chunks` |
| Gridspace-Stanford Harper Valley segments, two clocks | `read_segments_with_offsets` |
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from fermata.turntaking.transcripts import transcript_of
from fermata.turntaking.utterances import MalformedTranscriptError
from fermata.turntaking.words import Conversation, Unit, Word
from fermata.validation import first_problem

_RTTM_FIELDS = 8
_Model = TypeVar("_Model", bound=BaseModel)
_Milliseconds = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class _Chunk(_Part):
    begin_ms: _Milliseconds
    end_ms: _Milliseconds
    participant: str
    utterance: str


class _Segment(_Part):
    channel_index: int
    speaker_role: str
    offset_ms: _Milliseconds
    human_transcript: str
    word_offsets_ms: list[_Milliseconds]
    word_durations_ms: list[_Milliseconds]

    @model_validator(mode="after")
    def _as_many_words_as_times(self) -> Self:
        if len(self.word_offsets_ms) != len(self.word_durations_ms):
            raise ValueError("word_offsets_ms and word_durations_ms differ in length")
        return self


def read_transcript(transcript: Mapping[str, Any]) -> Conversation:
    """The words of a pre-recorded v2 transcript, as `transcript_of` reads them.

    Raises:
        MalformedTranscriptError: it breaks a rule of `fermata.turntaking.transcripts`.
    """
    return transcript_of(transcript).conversation


def read_rttm(text: str) -> dict[str, Conversation]:
    """Reads RTTM: each recording's segments by its name, without words or punctuation.

    Raises:
        MalformedTranscriptError: a SPEAKER line lacks fields or its times are no numbers.
    """
    found: defaultdict[str, list[Word]] = defaultdict(list)
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        try:
            start_ms = round(float(fields[3]) * 1_000)
            length_ms = round(float(fields[4]) * 1_000)
            speaker = fields[_RTTM_FIELDS - 1]
        except (ValueError, IndexError, OverflowError):
            raise MalformedTranscriptError(
                f"line {number} is not RTTM (SPEAKER file channel start duration … speaker …); "
                "check the file"
            ) from None
        found[fields[1]].append(Word(speaker, start_ms, start_ms + max(length_ms, 0), ""))
    return {
        name: Conversation.of(words, unit=Unit.SEGMENT, is_punctuated=False)
        for name, words in found.items()
    }


def read_chunks(text: str) -> Conversation:
    """Reads a CSV of chunks: `begin_ms,end_ms,participant,utterance`.

    A chunk is a stretch of speech between pauses; its marks are not relied on.

    Raises:
        MalformedTranscriptError: a column is missing or a time is no whole number of ms.
    """
    rows = list(csv.DictReader(StringIO(text)))
    chunks = _checked_all(_Chunk, rows, "rows of begin_ms,end_ms,participant,utterance")
    return Conversation.of(
        (Word(c.participant, c.begin_ms, max(c.begin_ms, c.end_ms), c.utterance) for c in chunks),
        unit=Unit.CHUNK,
        is_punctuated=False,
    )


def read_segments_with_offsets(segments: Iterable[Mapping[str, Any]]) -> Conversation:
    """Reads segments of the Harper Valley corpus, on the clock that both channels share.

    `start_ms` of a segment runs on its channel's own clock, seconds apart from the other's;
    `offset_ms` runs on the common one, so only that is used.

    Raises:
        MalformedTranscriptError: a field is missing, or words and times differ in number.
    """
    found = _checked_all(_Segment, list(segments), "segments with offset_ms")
    return Conversation.of(
        (word for segment in found for word in _words_of_segment(segment)),
        is_punctuated=False,
        roles={str(each.channel_index): each.speaker_role for each in found},
    )


def _words_of_segment(segment: _Segment) -> Iterator[Word]:
    texts = segment.human_transcript.split()
    times = list(zip(segment.word_offsets_ms, segment.word_durations_ms, strict=True))
    if len(texts) != len(times):
        # The times are the recogniser's; where people heard other words, only those are lost.
        texts = [""] * len(times)
    for text, (offset_ms, duration_ms) in zip(texts, times, strict=True):
        start_ms = segment.offset_ms + offset_ms
        yield Word(str(segment.channel_index), start_ms, start_ms + duration_ms, text)


def _checked_all(model: type[_Model], values: list[Any], what: str) -> list[_Model]:
    try:
        return TypeAdapter(list[model]).validate_python(values)  # type: ignore[valid-type]
    except ValidationError as error:
        raise _malformed(error, what) from None


def _malformed(error: ValidationError, what: str) -> MalformedTranscriptError:
    return MalformedTranscriptError(
        f"these are not {what} ({first_problem(error)}); check what wrote the file"
    )
