"""What a submission may ask for, and the service's words where it may not.

Each field that the service documents has its type and its range here, as its OpenAPI document has
them; fields that it doesn't know are ignored, and so are names of PII policies, as measured.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from fermata.localserver.era import Era
from fermata.localserver.languages import PRE_RECORDED
from fermata.localserver.service import RefusedError
from fermata.localserver.shapes import BOOLEANS

JsonObject = dict[str, Any]

_RETIRED = "universal-3-pro"
_OFFERED = {
    Era.SPRING: ("universal-3-pro", "universal-2"),
    Era.SUMMER: ("universal-3-5-pro", "universal-2"),
    Era.AUTUMN: ("universal-3-5-pro", "universal-2"),
}


def _known(code: str) -> str:
    if code not in PRE_RECORDED:
        raise ValueError(f"{code!r} is not one of the languages {', '.join(sorted(PRE_RECORDED))}")
    return code


_Language: TypeAlias = Annotated[str, AfterValidator(_known)]
_Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
_Count: TypeAlias = Annotated[int, Field(ge=1)]
_TimeMs: TypeAlias = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Spelling(_Part):
    replaced: Annotated[list[str], Field(alias="from")]
    to: str


class _LanguageDetection(_Part):
    expected_languages: list[str] | None = None
    fallback_language: str | None = None
    code_switching: bool | None = None
    code_switching_confidence_threshold: _Share | None = None
    localization: list[str] | None = None


class _SpeakerOptions(_Part):
    min_speakers_expected: _Count | None = None
    max_speakers_expected: _Count | None = None


class _RedactedAudio(_Part):
    return_redacted_no_speech_audio: bool | None = None
    override_audio_redaction_method: Literal["silence"] | None = None


class _Understanding(_Part):
    request: JsonObject


class _Submission(_Part):
    """The fields that are neither true nor false nor the names of models."""

    model_config = ConfigDict(extra="ignore")

    audio_start_from: _TimeMs | None = None
    audio_end_at: _TimeMs | None = None
    boost_param: Literal["low", "default", "high"] | None = None
    content_safety_confidence: Annotated[int, Field(ge=25, le=100)] | None = None
    custom_spelling: list[_Spelling] | None = None
    custom_topics: bool | None = None
    domain: Literal["medical-v1"] | None = None
    keyterms_prompt: list[str] | None = None
    # Of one language the document lets any name pass, for those to come.
    language_code: str | None = None
    language_codes: list[_Language] | None = None
    language_confidence_threshold: _Share | None = None
    language_detection_options: _LanguageDetection | None = None
    prompt: str | None = None
    redact_pii_audio_options: _RedactedAudio | None = None
    redact_pii_audio_quality: Literal["mp3", "wav"] | None = None
    redact_pii_policies: list[str] | None = None
    redact_pii_sub: Literal["entity_name", "hash"] | None = None
    redact_static_entities: dict[str, list[str]] | None = None
    remove_audio_tags: Literal["all", "speaker"] | None = None
    speaker_options: _SpeakerOptions | None = None
    speakers_expected: _Count | None = None
    speech_threshold: _Share | None = None
    speech_understanding: _Understanding | None = None
    summary_model: Literal["informative", "conversational", "catchy"] | None = None
    summary_type: Literal["bullets", "bullets_verbose", "gist", "headline", "paragraph"] | None = (
        None
    )
    temperature: _Share | None = None
    topics: list[str] | None = None
    webhook_auth_header_name: str | None = None
    webhook_auth_header_value: str | None = None
    webhook_url: str | None = None
    word_boost: list[str] | None = None


def check_submission(body: object, era: Era) -> JsonObject:
    """Checks the body of a submission; fields that the service doesn't know are ignored.

    Raises:
        RefusedError: 400, in the service's words where they are known.
    """
    if not isinstance(body, dict):
        raise RefusedError(400, "Invalid request body, a JSON object is expected")
    if not isinstance(body.get("audio_url"), str) or not body["audio_url"]:
        raise RefusedError(400, "Transcript creation error, audio_url not found")
    for name in BOOLEANS & body.keys():
        if body[name] is not None and not isinstance(body[name], bool):
            raise RefusedError(400, f"{name} must be a Boolean")
    if body.get("speaker_options") and body.get("speakers_expected"):
        raise RefusedError(
            400, "Both speaker_options and speakers_expected can not be used in the same request."
        )
    _check_models(body, era)
    _check_values(body)
    return body


def _check_values(body: JsonObject) -> None:
    try:
        _Submission.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise RefusedError(400, f"Invalid value for {place}: {reason}") from error


def _check_models(body: JsonObject, era: Era) -> None:
    """Applies the rules on model names of that era."""
    if body.get("speech_model"):
        raise RefusedError(
            400,
            'speech_model is deprecated. Use "speech_models" instead. '
            "See documentation: select-the-speech-model",
        )
    models, offered = body.get("speech_models"), _OFFERED[era]
    if models is None and era is not Era.SPRING:
        return
    if era is Era.AUTUMN and isinstance(models, list) and _RETIRED in models:
        raise RefusedError(
            400,
            f'The "{_RETIRED}" speech model(s) have been deprecated. '
            'Use speech_models: ["universal-3-5-pro", "universal-2"] instead.',
        )
    # Until then the name that was retired later was taken beside the new one.
    known = (*offered, _RETIRED)
    if not isinstance(models, list) or not models or not all(each in known for each in models):
        names = ", ".join(f'"{name}"' for name in offered)
        raise RefusedError(
            400, f'"speech_models" must be a non-empty list containing one or more of: {names}'
        )
