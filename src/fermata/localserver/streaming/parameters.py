"""The query parameters of a session: which are known, which values they take, and what they mean.

Names that the service doesn't know are ignored, as measured; a wrong value of a known one ends
the session before it begins. The service's texts are pydantic's, and so are these.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic_core import from_json

from fermata.localserver.era import Era
from fermata.localserver.languages import StreamedLanguage
from fermata.localserver.streaming.families import (
    DEFAULT_MODELS,
    FAMILIES,
    MODELS,
    PARTIAL_LAG_MS,
    Family,
    Mode,
    TurnSettings,
    clamped,
    default_settings,
)
from fermata.localserver.streaming.refusal import RefusalError, invalid

LOWEST_RATE_HZ = 8_000
HIGHEST_RATE_HZ = 96_000

FIRST_WORDS_MS = 480
"""Universal-Streaming tells every word as it comes; so much speech makes some of the first."""

MOST_KEYTERMS = 100
LONGEST_PROMPT = 1750
MOST_LANGUAGES = 10


def _parsed(value: object) -> object:
    """What a parameter that holds JSON says."""
    return from_json(value) if isinstance(value, str) else value


def _list_or_text(value: object) -> object:
    """A JSON array, or names with commas between them."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [name.strip() for name in value.split(",")]
    return _parsed(value)


Keyterms = Annotated[list[str], BeforeValidator(_parsed)]
Names = Annotated[list[str], BeforeValidator(_list_or_text)]
Languages = Annotated[list[StreamedLanguage], BeforeValidator(_list_or_text)]
Prompt = Annotated[str, Field(max_length=LONGEST_PROMPT)]
Share = Annotated[float, Field(ge=0, le=1)]


class GatewayMessage(BaseModel):
    """A message for the model, in which `{{turn}}` stands for what was said."""

    role: str
    content: str


class GatewayRequest(BaseModel):
    """What a model is asked about each turn."""

    model: str
    messages: list[GatewayMessage]
    max_tokens: int = 1000


class Changeable(BaseModel):
    """What may be set at the beginning and changed amid a session."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    min_turn_silence: int | None = None
    max_turn_silence: int | None = None
    end_of_turn_confidence_threshold: Share | None = None
    vad_threshold: Share | None = None
    interruption_delay: Annotated[int, Field(ge=0, le=1000)] | None = None
    continuous_partials: bool | None = None
    mode: Mode | None = None
    keyterms_prompt: Keyterms | None = None
    prompt: Prompt | None = None
    agent_context: Prompt | None = None
    language_codes: Annotated[Languages, Field(max_length=MOST_LANGUAGES)] | None = None
    session_heartbeat: bool | None = None

    @field_validator("keyterms_prompt")
    @classmethod
    def _few_enough(cls, keyterms: list[str] | None) -> list[str] | None:
        """Refuses too many; too long ones are accepted, as measured."""
        if keyterms is not None and len(keyterms) > MOST_KEYTERMS:
            raise ValueError(f"Max {MOST_KEYTERMS} items")
        return keyterms


class Parameters(Changeable):
    """The parameters of a session, checked."""

    speech_model: str
    sample_rate: int = 16_000
    encoding: Literal["pcm_s16le", "pcm_mulaw"] = "pcm_s16le"
    format_turns: bool = False
    language_detection: bool = False
    language: Literal["en", "multi"] | None = None
    language_code: StreamedLanguage | None = None
    speaker_labels: bool = False
    max_speakers: Annotated[int, Field(ge=1, le=10)] | None = None
    inactivity_timeout: Annotated[int, Field(ge=5, le=3600)] | None = None
    llm_gateway: Annotated[GatewayRequest, BeforeValidator(_parsed)] | None = None
    filter_profanity: bool = False
    redact_pii: bool = False
    redact_pii_policies: Names | None = None
    redact_pii_sub: Literal["hash", "entity_name"] | None = None
    include_partial_turns: bool | None = None
    domain: Literal["medical-v1"] | None = None
    voice_focus: Literal["near-field", "far-field"] | None = None
    voice_focus_threshold: Share | None = None
    previous_context_n_turns: Annotated[int, Field(ge=0, le=100)] | None = None
    speaker_labels_revision_interval_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    acknowledge_silence: bool = False
    turn_left_pad_ms: int | None = None
    customer_support_audio_capture: bool = False
    webhook_url: str | None = None
    webhook_auth_header_name: str | None = None
    webhook_auth_header_value: str | None = None

    @field_validator("sample_rate")
    @classmethod
    def _within_rates(cls, rate_hz: int) -> int:
        """Refuses rates that the service doesn't take."""
        if rate_hz < LOWEST_RATE_HZ:
            raise ValueError(f"sample_rate must be at least {LOWEST_RATE_HZ:,} Hz")
        if rate_hz > HIGHEST_RATE_HZ:
            raise ValueError(f"sample_rate must be at most {HIGHEST_RATE_HZ:,} Hz")
        return rate_hz

    @property
    def family(self) -> Family:
        """The family of the model."""
        return FAMILIES[self.speech_model]

    @property
    def bytes_per_sample(self) -> int:
        """How many bytes a sample takes."""
        return 2 if self.encoding == "pcm_s16le" else 1

    @property
    def turns(self) -> TurnSettings:
        """Where turns end: the model's own settings, but for what was asked for."""
        base = default_settings(
            self.speech_model, self.mode or Mode.BALANCED, diarized=self.speaker_labels
        )
        return replace(base, **self._asked(base))

    @property
    def first_words_ms(self) -> int | None:
        """How soon words amid speech must be known, None where they are never told."""
        if self.family is Family.UNIVERSAL_STREAMING:
            return FIRST_WORDS_MS
        return self.turns.first_partial_ms

    def changed(self, change: Changeable) -> "Parameters":
        """The parameters after a change amid the session."""
        return self.model_copy(update=change.model_dump(exclude_none=True))

    def _asked(self, base: TurnSettings) -> dict[str, Any]:
        """The settings that were asked for."""
        asked = {
            "min_turn_silence_ms": _clamped(self.min_turn_silence),
            "max_turn_silence_ms": _clamped(self.max_turn_silence),
            "confidence_threshold": self.end_of_turn_confidence_threshold,
            "vad_threshold": self.vad_threshold,
        }
        settings = {name: value for name, value in asked.items() if value is not None}
        if base.first_partial_ms is not None and self.continuous_partials is False:
            return {**settings, "first_partial_ms": None}
        if base.first_partial_ms is not None and self.interruption_delay is not None:
            return {**settings, "first_partial_ms": self.interruption_delay + PARTIAL_LAG_MS}
        return settings


OLD_NAMES = {
    "min_end_of_turn_silence_when_confident": "min_turn_silence",
    "noise_suppression_model": "voice_focus",
    "noise_suppression_threshold": "voice_focus_threshold",
}
"""Names that parameters had before; the service takes them on."""


def read_parameters(query: Mapping[str, str], era: Era) -> Parameters:
    """Checks the query of a session.

    Raises:
        RefusalError: 3006, in the service's words where they are known.
    """
    values = {OLD_NAMES.get(name, name): value for name, value in query.items()}
    model = values.setdefault("speech_model", DEFAULT_MODELS[era] or "")
    if model not in MODELS[era]:
        raise invalid("speech_model", f"Input should be {_choice(MODELS[era])}")
    try:
        return Parameters.model_validate(values)
    except ValidationError as error:
        raise refusal_of(error) from error


def read_change(message: Mapping[str, object]) -> Changeable:
    """Checks an UpdateConfiguration.

    Raises:
        RefusalError: 3006: one wrong value ends the session, as measured.
    """
    values = {OLD_NAMES.get(name, name): value for name, value in message.items()}
    try:
        return Changeable.model_validate(values)
    except ValidationError as error:
        raise refusal_of(error) from error


def refusal_of(error: ValidationError) -> RefusalError:
    """The first thing wrong, in the service's words."""
    first = error.errors(include_url=False, include_context=False)[0]
    text = first["msg"]
    if first["loc"][0] == "sample_rate":
        text = text.removeprefix("Value error, ")
    return invalid(str(first["loc"][0]), text)


def _clamped(silence_ms: int | None) -> int | None:
    """A silence within what the service goes by, if one was named."""
    return None if silence_ms is None else clamped(silence_ms)


def _choice(names: tuple[str, ...]) -> str:
    """Names as pydantic lists them."""
    quoted = [f"'{name}'" for name in names]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
