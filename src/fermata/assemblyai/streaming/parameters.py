"""The query parameters of a streaming v3 session: every documented one, checked.

The service ignores a misspelt name without a word, and refuses a wrong value only after the
connection stands. So both are refused here first. Names and ranges are those of the v3
reference, the official SDK 1.8.2 and its recorded behaviour in 2026.
"""

import difflib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fermata.assemblyai.streaming.families import fit
from fermata.errors import UsageError
from fermata.validation import first_problem

TURN_PLACEHOLDER = "{{turn}}"
"""What the LLM Gateway replaces by the words of each final turn."""

INACTIVITY_TIMEOUT_S = 30
"""How long the service waits for audio before it ends a session by itself. Always sent: without
it a session that was left open is billed for three hours."""

_SHORTEST_REVISION_MS = 120_000
_LONGEST_REVISION_MS = 300_000

_RENAMED = {
    "min_end_of_turn_silence_when_confident": "min_turn_silence",
    "language_code": "language_codes",
    "noise_suppression_model": "voice_focus",
    "noise_suppression_threshold": "voice_focus_threshold",
}

_Share = Annotated[float, Field(ge=0, le=1)]
_SilenceMs = Annotated[int, Field(ge=50, le=10_000)]
_Prompt = Annotated[str, Field(min_length=1, max_length=1750)]
_KeyTerm = Annotated[str, Field(min_length=1, max_length=50)]


class LlmMessage(BaseModel):
    """One message to the language model; `{{turn}}` stands for the words of the turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str = Field(min_length=1)


def _mentions_the_turn(messages: tuple[LlmMessage, ...]) -> tuple[LlmMessage, ...]:
    if not any(TURN_PLACEHOLDER in message.content for message in messages):
        raise ValueError(f"no message holds {TURN_PLACEHOLDER}, so the model would hear nothing")
    return messages


class LlmGateway(BaseModel):
    """What a language model is asked about each final turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(min_length=1)
    messages: Annotated[
        tuple[LlmMessage, ...], Field(min_length=1), AfterValidator(_mentions_the_turn)
    ]
    max_tokens: int = Field(ge=1)


def llm_gateway_for(prompt: str, model: str, max_tokens: int = 1000) -> LlmGateway:
    """Asks one question about each turn; a prompt that doesn't mention the turn gets it added.

    Raises:
        UsageError: The prompt or the model is empty.
    """
    if TURN_PLACEHOLDER not in prompt:
        prompt = f"{prompt}\n\nTranscript: {TURN_PLACEHOLDER}" if prompt.strip() else ""
    try:
        return LlmGateway(
            model=model,
            messages=(LlmMessage(role="user", content=prompt),),
            max_tokens=max_tokens,
        )
    except ValidationError as error:
        raise UsageError(f"the LLM prompt can't be used: {first_problem(error)}") from error


class StreamingParameters(BaseModel):
    """The parameters of a session; None leaves one to the service.

    Silences, delays and intervals are milliseconds, `inactivity_timeout` seconds, thresholds
    and confidences 0 to 1, `sample_rate` hertz. `speech_model` has no default here, because
    the service's own changes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    speech_model: str = Field(min_length=1, pattern=r"^[\w.-]+$")
    sample_rate: int = Field(default=16_000, ge=8_000, le=96_000)
    encoding: Literal["pcm_s16le", "pcm_mulaw", "opus", "ogg_opus", "aac"] = "pcm_s16le"
    inactivity_timeout: int = Field(default=INACTIVITY_TIMEOUT_S, ge=5, le=3600)
    # turns
    format_turns: bool | None = None
    end_of_turn_confidence_threshold: _Share | None = None
    min_turn_silence: _SilenceMs | None = None
    max_turn_silence: _SilenceMs | None = None
    vad_threshold: _Share | None = None
    mode: Literal["min_latency", "balanced", "max_accuracy"] | None = None
    interruption_delay: int | None = Field(default=None, ge=0, le=1000)
    continuous_partials: bool | None = None
    turn_left_pad_ms: int | None = Field(default=None, ge=0)
    # words
    keyterms_prompt: Annotated[tuple[_KeyTerm, ...], Field(max_length=100)] | None = None
    prompt: _Prompt | None = None
    agent_context: _Prompt | None = None
    previous_context_n_turns: int | None = Field(default=None, ge=0, le=100)
    language: Literal["en", "multi"] | None = None
    language_codes: (
        Annotated[
            tuple[Annotated[str, Field(min_length=2)], ...], Field(min_length=1, max_length=10)
        ]
        | None
    ) = None
    language_detection: bool | None = None
    domain: Literal["medical-v1"] | None = None
    filter_profanity: bool | None = None
    # speakers
    speaker_labels: bool | None = None
    max_speakers: int | None = Field(default=None, ge=1, le=10)
    speaker_labels_revision_interval_ms: int | None = Field(default=None, ge=0, le=86_400_000)
    # personal data
    redact_pii: bool | None = None
    redact_pii_policies: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    redact_pii_sub: Literal["hash", "entity_name"] | None = None
    include_partial_turns: bool | None = None
    # audio
    voice_focus: Literal["near-field", "far-field"] | None = None
    voice_focus_threshold: _Share | None = None
    # what else is sent back
    llm_gateway: LlmGateway | None = None
    webhook_url: str | None = Field(default=None, pattern=r"^https?://")
    webhook_auth_header_name: str | None = Field(default=None, min_length=1)
    webhook_auth_header_value: str | None = Field(default=None, min_length=1, repr=False)
    session_heartbeat: bool | None = None
    acknowledge_silence: bool | None = None
    customer_support_audio_capture: bool | None = None

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        for part, whole in _NEEDS.items():
            if getattr(self, part) is not None and not getattr(self, whole):
                raise ValueError(f"{part} does nothing without {whole}: set that too")
        shortest, longest = self.min_turn_silence, self.max_turn_silence
        if shortest is not None and longest is not None and shortest > longest:
            raise ValueError("min_turn_silence is longer than max_turn_silence")
        refused = fit(self.speech_model, self.given).refused
        if refused:
            raise ValueError(
                f"{self.speech_model} does not know {', '.join(refused)} and would ignore it "
                "without a word: choose another model or leave it out"
            )
        return self

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the parameters that ask for something."""
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return tuple(name for name, value in values if value is not None and value is not False)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line for each parameter that does nothing, or not quite what it says."""
        ignored = tuple(
            f"{name} has no effect with {self.speech_model}"
            for name in fit(self.speech_model, self.given).without_effect
        )
        return (*ignored, *self._odd_combinations())

    def to_query(self) -> str:
        """The query of the connection's address, in the order of the fields, without a key."""
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return urlencode([(name, _plain(value)) for name, value in values if value is not None])

    def for_session(self, sample_rate_hz: int) -> "StreamingParameters":
        """The same parameters for audio of this rate, with a heartbeat unless one was refused.

        Every model offers the heartbeat; it tells a service that listens from one that hangs.

        Raises:
            UsageError: The service does not take this rate.
        """
        heartbeat = self.session_heartbeat is not False
        changed = {"sample_rate": sample_rate_hz, "session_heartbeat": heartbeat}
        return streaming_parameters(self.model_dump() | changed)

    def _odd_combinations(self) -> list[str]:
        odd = []
        if self.mode is not None and self.speaker_labels:
            odd.append("mode has no effect with speaker_labels, which has a profile of its own")
        interval = self.speaker_labels_revision_interval_ms
        if interval and not _SHORTEST_REVISION_MS <= interval <= _LONGEST_REVISION_MS:
            odd.append(
                f"speaker_labels_revision_interval_ms becomes {_SHORTEST_REVISION_MS} to "
                f"{_LONGEST_REVISION_MS} at the service"
            )
        return odd


_NEEDS = {
    "max_speakers": "speaker_labels",
    "speaker_labels_revision_interval_ms": "speaker_labels",
    "redact_pii_policies": "redact_pii",
    "redact_pii_sub": "redact_pii",
    "include_partial_turns": "redact_pii",
    "voice_focus_threshold": "voice_focus",
    "webhook_auth_header_name": "webhook_url",
    "webhook_auth_header_value": "webhook_auth_header_name",
}


def streaming_parameters(values: Mapping[str, Any]) -> StreamingParameters:
    """Checks parameters as a person or a configuration gives them.

    Raises:
        UsageError: One is misspelt, out of range, or unknown to the model.
    """
    for name in values:
        if name not in StreamingParameters.model_fields:
            raise UsageError(f"streaming knows no parameter {name!r}{_hint(name)}")
    try:
        return StreamingParameters.model_validate(dict(values))
    except ValidationError as error:
        raise UsageError(f"a streaming parameter is wrong: {first_problem(error)}") from error


def _hint(name: str) -> str:
    if name == "token":
        return ": a token is never a parameter, give it as the session's access"
    if name in _RENAMED:
        return f": it is called {_RENAMED[name]} now"
    alike = difflib.get_close_matches(name, StreamingParameters.model_fields, n=1)
    return f": did you mean {alike[0]}?" if alike else ": correct it or leave it out"


def _plain(value: object) -> str:
    """A value as the service reads it: lists and objects as JSON, booleans in lower case."""
    if isinstance(value, BaseModel):
        return json.dumps(value.model_dump(), separators=(",", ":"))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)
