"""What may be asked to be done with the transcript: all of it checked, none of it done here."""

from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from fermata.gladia.languages import TRANSCRIPTION_LANGUAGES, TRANSLATION_LANGUAGES


class Part(BaseModel):
    """A part of a request: every field has its type, and there are no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _spoken(code: str) -> str:
    return _one_of(code, TRANSCRIPTION_LANGUAGES)


def _translated(code: str) -> str:
    return _one_of(code, TRANSLATION_LANGUAGES)


def _one_of(code: str, known: frozenset[str]) -> str:
    if code not in known:
        raise ValueError(f"must be one of the following values: {', '.join(sorted(known))}")
    return code


def _address(url: str) -> str:
    if not urlsplit(url).scheme or not urlsplit(url).netloc:
        raise ValueError("must be a URL address")
    return url


Language: TypeAlias = Annotated[str, AfterValidator(_spoken)]
TargetLanguage: TypeAlias = Annotated[str, AfterValidator(_translated)]
Address: TypeAlias = Annotated[str, AfterValidator(_address)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class VocabularyEntry(Part):
    """A word to listen for."""

    value: str
    intensity: Share | None = None
    pronunciations: tuple[str, ...] = ()
    language: Language | None = None


class CustomVocabulary(Part):
    """The words to listen for."""

    vocabulary: list[str | VocabularyEntry]
    default_intensity: Share | None = None


class CustomSpelling(Part):
    """How words are to be written."""

    spelling_dictionary: dict[str, list[str]]


class Translation(Part):
    """What the transcript is translated into."""

    target_languages: Annotated[list[TargetLanguage], Field(min_length=1)]
    model: Literal["base", "batch", "enhanced"] = "base"
    match_original_utterances: bool = True
    lipsync: bool = True
    context_adaptation: bool = True
    context: str | None = None
    informal: bool = False


class RealtimeProcessing(Part):
    """What is done with each utterance."""

    custom_vocabulary: bool = False
    custom_vocabulary_config: CustomVocabulary | None = None
    custom_spelling: bool = False
    custom_spelling_config: CustomSpelling | None = None
    translation: bool = False
    translation_config: Translation | None = None
    named_entity_recognition: bool = False
    sentiment_analysis: bool = False


class Summarization(Part):
    """What kind of summary is made."""

    type: Literal["general", "bullet_points", "concise"] = "general"


class PostProcessing(Part):
    """What is done with the whole transcript."""

    summarization: bool = False
    summarization_config: Summarization | None = None
    chapterization: bool = False


class Callback(Part):
    """Where messages are posted to, and which."""

    url: Address | None = None
    receive_partial_transcripts: bool = False
    receive_final_transcripts: bool = True
    receive_speech_events: bool = False
    receive_pre_processing_events: bool = True
    receive_realtime_processing_events: bool = True
    receive_post_processing_events: bool = True
    receive_acknowledgments: bool = False
    receive_errors: bool = False
    receive_lifecycle_events: bool = True
