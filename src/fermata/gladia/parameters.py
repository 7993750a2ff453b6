"""The body of `POST /v2/live`: every documented field of Gladia's `StreamingRequest`, checked.

Names, defaults and ranges are those of Gladia's OpenAPI document. A field that stands in no
document is refused, because a misspelt one would silently do nothing.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from fermata.gladia.languages import TRANSCRIPTION_LANGUAGES, TRANSLATION_LANGUAGES

SAMPLE_RATES_HZ = (8000, 16000, 32000, 44100, 48000)
"""The sample rates that Gladia takes."""

_COMPANDED_BIT_DEPTH = 8


def _transcription_language(code: str) -> str:
    if code not in TRANSCRIPTION_LANGUAGES:
        raise ValueError(f"{code!r} is no language code that Gladia transcribes")
    return code


def _translation_language(code: str) -> str:
    if code not in TRANSLATION_LANGUAGES:
        raise ValueError(f"{code!r} is no language code that Gladia translates into")
    return code


_TranscriptionLanguage = Annotated[str, AfterValidator(_transcription_language)]
_TranslationLanguage = Annotated[str, AfterValidator(_translation_language)]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    # Strict: "16000" or 1 for true is refused by the service too.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Region(StrEnum):
    """Where Gladia processes a session; a query parameter, not part of the body."""

    US_WEST = "us-west"
    EU_WEST = "eu-west"


class LanguageConfig(_Part):
    """Which languages are expected.

    Attributes:
        languages: one sets the language; none or several let it be detected.
        code_switching: detect it for each utterance, not once for the session.
    """

    languages: list[_TranscriptionLanguage] = []
    code_switching: bool = False


class PreProcessing(_Part):
    """What is done to the audio first.

    Attributes:
        speech_threshold: 0 to 1; the nearer to 1, the less is taken for speech.
    """

    audio_enhancer: bool = False
    speech_threshold: _Share = 0.6


class VocabularyEntry(_Part):
    """One word or name to be recognised.

    Attributes:
        intensity: 0 to 1, how readily it replaces what was heard.
    """

    value: str
    intensity: _Share | None = None
    pronunciations: list[str] | None = None
    language: _TranscriptionLanguage | None = None


class VocabularyConfig(_Part):
    """The words and names to be recognised; `default_intensity` is 0 to 1."""

    vocabulary: list[VocabularyEntry | str]
    default_intensity: _Share | None = None


class SpellingConfig(_Part):
    """Right spellings, each with the forms that it replaces."""

    spelling_dictionary: dict[str, list[str]]


class TranslationConfig(_Part):
    """Into what, and how, each utterance is translated."""

    target_languages: list[_TranslationLanguage] = Field(min_length=1)
    model: Literal["base", "batch", "enhanced"] = "base"
    match_original_utterances: bool = True
    lipsync: bool = True
    context_adaptation: bool = True
    context: str | None = None
    informal: bool = False


class RealtimeProcessing(_Part):
    """What is done to each utterance."""

    custom_vocabulary: bool = False
    custom_vocabulary_config: VocabularyConfig | None = None
    custom_spelling: bool = False
    custom_spelling_config: SpellingConfig | None = None
    translation: bool = False
    translation_config: TranslationConfig | None = None
    named_entity_recognition: bool = False
    sentiment_analysis: bool = False


class SummarizationConfig(_Part):
    """The kind of summary."""

    type: Literal["general", "bullet_points", "concise"] = "general"


class PostProcessing(_Part):
    """What is done to the whole transcript at the end; chapters are deprecated."""

    summarization: bool = False
    summarization_config: SummarizationConfig | None = None
    chapterization: bool = False


class MessagesConfig(_Part):
    """Which messages the socket carries."""

    receive_partial_transcripts: bool = False
    receive_final_transcripts: bool = True
    receive_speech_events: bool = True
    receive_pre_processing_events: bool = True
    receive_realtime_processing_events: bool = True
    receive_post_processing_events: bool = True
    receive_acknowledgments: bool = True
    receive_errors: bool = True
    receive_lifecycle_events: bool = False


class CallbackConfig(_Part):
    """Which messages are posted to `url`; the defaults are not those of the socket."""

    url: str | None = None
    receive_partial_transcripts: bool = False
    receive_final_transcripts: bool = True
    receive_speech_events: bool = False
    receive_pre_processing_events: bool = True
    receive_realtime_processing_events: bool = True
    receive_post_processing_events: bool = True
    receive_acknowledgments: bool = False
    receive_errors: bool = False
    receive_lifecycle_events: bool = True


class LiveRequest(_Part):
    """What a live session is opened with.

    Attributes:
        sample_rate: in hertz, one of `SAMPLE_RATES_HZ`.
        channels: 1 to 8, billed each.
        model: `solaria-1` is the only one documented; newer names pass through.
        endpointing: the silence, in seconds, that ends an utterance; 0.01 to 10.
        maximum_duration_without_endpointing: the longest utterance, in seconds; 5 to 60.
        callback: post messages to `callback_config.url` as well.
    """

    encoding: Literal["wav/pcm", "wav/alaw", "wav/ulaw"] = "wav/pcm"
    bit_depth: Literal[8, 16, 24, 32] = 16
    sample_rate: Literal[8000, 16000, 32000, 44100, 48000] = 16000
    channels: int = Field(default=1, ge=1, le=8)
    custom_metadata: dict[str, Any] | None = None
    model: str = Field(default="solaria-1", min_length=1)
    # Sent always: the documented defaults were 0.3 and 30 once, and are 0.05 and 5 now.
    endpointing: float = Field(default=0.05, ge=0.01, le=10)
    maximum_duration_without_endpointing: float = Field(default=5, ge=5, le=60)
    language_config: LanguageConfig | None = None
    pre_processing: PreProcessing | None = None
    realtime_processing: RealtimeProcessing | None = None
    post_processing: PostProcessing | None = None
    messages_config: MessagesConfig | None = None
    callback: bool = False
    callback_config: CallbackConfig | None = None

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.encoding != "wav/pcm" and self.bit_depth != _COMPANDED_BIT_DEPTH:
            raise ValueError(f"{self.encoding} has 8 bits a sample: set bit_depth to 8")
        if self.callback and not (self.callback_config and self.callback_config.url):
            raise ValueError("callback is on without callback_config.url: give the address")
        return self

    def body(self) -> dict[str, Any]:
        """The JSON body, without the parts that are not set."""
        return self.model_dump(mode="json", exclude_none=True)
