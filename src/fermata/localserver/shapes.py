"""The JSON of the API: every key of a transcript as recorded from the service, and of its list.

The recorded answers differ from the vendor's own specification, which forbids half of what they
hold; clients meet the recorded ones.
"""

from datetime import datetime
from typing import Any, Final

from fermata.localserver.results import Result
from fermata.localserver.store import Status, Transcript

JsonObject = dict[str, Any]

DELETED_AUDIO_URL: Final = "http://deleted_by_user"

DEFAULT_SPEECH_MODELS: Final = ("universal-3-5-pro", "universal-2")

REQUEST_DEFAULTS: Final[JsonObject] = {
    "language_code": "en_us",
    "punctuate": True,
    "format_text": True,
    "dual_channel": None,
    "multichannel": None,
    "webhook_url": None,
    "webhook_auth_header_name": None,
    "audio_start_from": None,
    "audio_end_at": None,
    "word_boost": [],
    "boost_param": None,
    "filter_profanity": False,
    "redact_pii": False,
    "redact_pii_audio": False,
    "redact_pii_audio_quality": None,
    "redact_pii_audio_options": None,
    "redact_pii_policies": None,
    "redact_pii_sub": None,
    "redact_pii_return_unredacted": None,
    "speaker_labels": False,
    "speakers_expected": None,
    "speaker_options": None,
    "content_safety": False,
    "content_safety_confidence": None,
    "iab_categories": False,
    "custom_spelling": None,
    "disfluencies": False,
    "sentiment_analysis": False,
    "auto_chapters": False,
    "entity_detection": False,
    "summarization": False,
    "summary_model": None,
    "summary_type": None,
    "auto_highlights": False,
    "language_detection": False,
    "language_confidence_threshold": None,
    "language_detection_options": None,
    "language_codes": None,
    "speech_threshold": None,
    "speech_model": None,
    "speech_models": list(DEFAULT_SPEECH_MODELS),
    "prompt": None,
    "temperature": None,
    "remove_audio_tags": "all",
    "keyterms_prompt": [],
    "keyterms_prompt_options": None,
    "speech_understanding": None,
    "domain": None,
}
"""What a request may set, echoed in the answer. The secret `webhook_auth_header_value` isn't."""

NOT_OFFERED: Final[JsonObject] = {
    "webhook_auth_header_value": None,
    "language_confidence": None,
    "language_detection_results": None,
    "unredacted_text": None,
    "unredacted_words": None,
    "unredacted_utterances": None,
    "webhook_status_code": None,
    "webhook_auth": False,
    "summary": None,
    "auto_highlights_result": None,
    "content_safety_labels": None,
    "iab_categories_result": None,
    "chapters": None,
    "sentiment_analysis_results": None,
    "entities": None,
    "translated_texts": None,
    "metadata": None,
}
"""What this server never has to say."""

BOOLEANS: Final = frozenset(
    {key for key, value in REQUEST_DEFAULTS.items() if isinstance(value, bool)}
    | {"multichannel", "dual_channel", "redact_pii_return_unredacted"}
)
"""The fields of a request that must be true or false."""


def transcript_json(transcript: Transcript) -> JsonObject:
    """A transcript as `GET /v2/transcript/{id}` answers it."""
    return {
        **REQUEST_DEFAULTS,
        **NOT_OFFERED,
        **_echoed(transcript.request),
        **_outcome(transcript),
        "id": transcript.id,
        "audio_url": DELETED_AUDIO_URL if transcript.deleted else transcript.audio_url,
        "status": transcript.status,
        "error": transcript.error,
    }


def list_item_json(transcript: Transcript, base_url: str) -> JsonObject:
    """A transcript as `GET /v2/transcript` lists it."""
    completed = transcript.completed if transcript.status is Status.COMPLETED else None
    return {
        "audio_url": DELETED_AUDIO_URL if transcript.deleted else transcript.audio_url,
        "completed": _time(completed),
        "created": _time(transcript.created),
        "error": transcript.error or "",
        "id": transcript.id,
        "resource_url": f"{base_url}/v2/transcript/{transcript.id}",
        "status": transcript.status,
    }


def _echoed(request: JsonObject) -> JsonObject:
    """The options that were asked for, as the service repeats them."""
    echoed = {key: value for key, value in request.items() if key in REQUEST_DEFAULTS}
    if echoed.get("language_code") == "en":
        echoed["language_code"] = "en_us"
    return {key: value for key, value in echoed.items() if value is not None}


def _outcome(transcript: Transcript) -> JsonObject:
    """What was found in the audio; nothing, before the job is done or after its deletion."""
    result = transcript.result
    if result is None:
        found = ("text", "words", "utterances", "confidence", "audio_duration", "audio_channels")
        return dict.fromkeys((*found, "speech_model_used"))
    multichannel = bool(transcript.request.get("multichannel"))
    return {
        "text": result.text,
        "words": list(result.words),
        "utterances": _utterances(result, transcript.request),
        "confidence": result.confidence,
        "audio_duration": result.audio_duration,
        "audio_channels": result.channels if multichannel else None,
        "speech_model_used": result.model,
    }


def _utterances(result: Result, request: JsonObject) -> list[JsonObject] | None:
    """The utterances, where the request asked for something that fills them."""
    asked = request.get("speaker_labels") or request.get("multichannel")
    return list(result.utterances) if asked else None


def _time(moment: datetime | None) -> str | None:
    """A moment as the service writes it: microseconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None
