"""A pre-recorded v2 transcript, read and checked once: what all figures are made of.

| what is checked | what becomes of it |
|---|---|
| a time is missing, no whole number, below 0 or above `LONGEST_MS` | refused |
| an utterance or a word ends before it starts | refused |
| it ends more than `OVERSHOOT_MS` after the recording | refused |
| a word lies more than `WORD_SLACK_MS` outside its utterance | refused |
| a label, a model or a language is no text, or too long for one | refused |
| utterances or words are out of order | sorted by start, then by end |

A refused transcript fails its recording, with the place and the reason; no part of it counts, as
one wrong time tells that the others cannot be trusted either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fermata.turntaking.utterances import MalformedTranscriptError, Utterance
from fermata.turntaking.words import Conversation, Word
from fermata.validation import first_problem

UNKNOWN_SPEAKER = "?"
"""The label of words that no speaker and no channel is given for."""

LONGEST_MS = 86_400_000
"""The latest time there can be: a day, and no service takes a recording of more than ten hours."""

OVERSHOOT_MS = 2_000
"""How far a transcript may reach beyond its recording. Services tell its length in whole seconds;
in 55 real conversations the last word ends up to 490 ms after that."""

WORD_SLACK_MS = 1_000
"""How far a word may reach beyond its utterance; in real transcripts none does."""

_Model = TypeVar("_Model", bound=BaseModel)

# A time with a fraction is refused on purpose: such a number is in seconds, not in ms.
_Milliseconds = Annotated[int, Field(strict=True, ge=0, le=LONGEST_MS)]
_Label = Annotated[str, Field(max_length=200)]


class _Timed(BaseModel):
    # Some services number their channels.
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    start: _Milliseconds
    end: _Milliseconds
    text: str = ""
    speaker: _Label | None = None
    channel: _Label | None = None


class _Utterance(_Timed):
    words: list[_Timed] = []


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")

    utterances: list[_Utterance] | None = None
    speech_model_used: _Label | None = None
    language_code: _Label | None = None


class _WordsAlone(BaseModel):
    model_config = ConfigDict(extra="ignore")

    words: list[_Timed] | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a transcript says.

    Attributes:
        utterances: sorted by start, then by end; equal ones keep the transcript's order.
        conversation: its words, those of the utterances where there are any.
        speech_model: the model that the service says it used.
        language: code of its language.
    """

    utterances: tuple[Utterance, ...]
    conversation: Conversation
    speech_model: str | None
    language: str | None


def transcript_of(answer: Mapping[str, Any], length_s: float | None = None) -> Transcript:
    """Reads a pre-recorded v2 transcript: speaker labels, several channels, or neither.

    The words of the utterances are taken where there are any, otherwise the transcript's
    own; an utterance without words stands for one. Who speaks is the word's speaker, else
    its utterance's, else the channel.

    Args:
        answer: the decoded body of `GET /v2/transcript/{id}`. Its `utterances` may be missing,
            null, empty or out of order; a missing `speaker` is None.
        length_s: of the recording; None where nobody knows it.

    Raises:
        MalformedTranscriptError: it breaks a rule of the table above.
    """
    until_ms = LONGEST_MS if length_s is None else int(length_s * 1_000) + OVERSHOOT_MS
    said = _checked(_Said, answer)
    found = said.utterances or []
    if found:
        words = _words_in(found, until_ms)
    else:
        words = _words_alone(_checked(_WordsAlone, answer).words or [], until_ms)
    conversation = Conversation.of(words)
    spoken = (Utterance(each.speaker, each.start, each.end) for each in found)
    ordered = tuple(sorted(spoken, key=lambda each: (each.start_ms, each.end_ms)))
    return Transcript(ordered, conversation, said.speech_model_used, said.language_code)


def utterances_of(answer: Mapping[str, Any]) -> tuple[Utterance, ...]:
    """The utterances of a transcript of whatever length, as `transcript_of` reads them."""
    return transcript_of(answer).utterances


def _words_in(utterances: list[_Utterance], until_ms: int) -> Iterator[Word]:
    for at, each in enumerate(utterances):
        place = f"utterances.{at}"
        _check_times(each, until_ms, place)
        earliest_ms, latest_ms = each.start - WORD_SLACK_MS, each.end + WORD_SLACK_MS
        for number, word in enumerate(each.words):
            _check_times(word, until_ms, place, number)
            if word.start < earliest_ms or word.end > latest_ms:
                raise _refused(
                    f"{place}.words.{number}: lasts from {word.start} to {word.end} ms, outside of "
                    f"its utterance from {each.start} to {each.end} ms"
                )
            yield _word(word, each)
        if not each.words:
            yield _word(each, each)


def _words_alone(words: list[_Timed], until_ms: int) -> Iterator[Word]:
    for number, word in enumerate(words):
        _check_times(word, until_ms, "", number)
        yield _word(word, word)


def _word(word: _Timed, utterance: _Timed) -> Word:
    labels = (word.speaker, utterance.speaker, word.channel, utterance.channel)
    speaker = next((label for label in labels if label is not None), UNKNOWN_SPEAKER)
    return Word(speaker, word.start, word.end, word.text)


def _check_times(timed: _Timed, until_ms: int, place: str, number: int | None = None) -> None:
    if timed.start <= timed.end <= until_ms:
        return
    if number is not None:
        place = f"{place}.words.{number}".lstrip(".")
    if timed.end < timed.start:
        raise _refused(f"{place}: ends at {timed.end} ms, before it starts at {timed.start} ms")
    length_s = (until_ms - OVERSHOOT_MS) / 1_000
    raise _refused(f"{place}: ends at {timed.end} ms, in a recording of {length_s:g} s")


def _checked(model: type[_Model], answer: Mapping[str, Any]) -> _Model:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise _refused(first_problem(error)) from None


def _refused(problem: str) -> MalformedTranscriptError:
    return MalformedTranscriptError(
        f"its transcript cannot be used ({problem}); "
        "tell whoever runs the service, with the transcript's id"
    )
