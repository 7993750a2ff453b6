"""The messages of the server, as the service writes them; optional keys are left out, not null."""

from collections.abc import Mapping, Sequence
from typing import Any

from fermata.localserver.streaming.families import Family
from fermata.localserver.streaming.parameters import Parameters
from fermata.localserver.streaming.timeline import Word

JsonObject = dict[str, Any]

API_VERSION = "2025-05-12"
"""What the service echoes when a client names no version."""


def begin(session_id: str, expires_at_s: int, parameters: Parameters, version: str) -> JsonObject:
    """The session has begun; of the parameters, the service echoes eight."""
    return {
        "type": "Begin",
        "id": session_id,
        "expires_at": expires_at_s,
        "configuration": {
            "model": parameters.speech_model,
            "mode": _mode(parameters),
            "api_version": version,
            "speaker_labels": parameters.speaker_labels,
            "redact_pii": parameters.redact_pii,
            "filter_profanity": parameters.filter_profanity,
            "domain": parameters.domain,
            "voice_focus": parameters.voice_focus,
        },
    }


def speech_started(at_ms: int, confidence: float) -> JsonObject:
    """Somebody began to speak."""
    return {"type": "SpeechStarted", "timestamp": at_ms, "confidence": confidence}


def word(said: Word, *, final: bool) -> JsonObject:
    """One word of a turn, without its speaker."""
    return {
        "text": said.text,
        "start": said.start_ms,
        "end": said.end_ms,
        "confidence": said.confidence,
        "word_is_final": final,
    }


def heartbeat(audio_ms: int, session_ms: int, probability: float) -> JsonObject:
    """How the session fares."""
    return {
        "type": "Heartbeat",
        "total_audio_received_ms": audio_ms,
        "total_duration_ms": session_ms,
        "realtime_factor": round(audio_ms / session_ms, 3) if session_ms else 0.0,
        "max_speech_probability": round(probability, 3),
    }


def silence(start_ms: int, end_ms: int) -> JsonObject:
    """A stretch without speech."""
    return {"type": "Silence", "start_ms": start_ms, "end_ms": end_ms}


def speaker_revision(revisions: Sequence[JsonObject]) -> JsonObject:
    """The speakers of some earlier turns, corrected."""
    return {"type": "SpeakerRevision", "revisions": list(revisions)}


def gateway_response(turn_order: int, transcript: str, data: Mapping[str, Any]) -> JsonObject:
    """What the model said about a turn."""
    return {
        "type": "LLMGatewayResponse",
        "turn_order": turn_order,
        "transcript": transcript,
        "data": dict(data),
    }


def error(code: int, text: str) -> JsonObject:
    """Why the session ends at once."""
    return {"type": "Error", "error_code": code, "error": text}


def termination(audio_s: int, session_s: int) -> JsonObject:
    """The session is over, as it was asked for; both in whole seconds."""
    return {
        "type": "Termination",
        "audio_duration_seconds": audio_s,
        "session_duration_seconds": session_s,
    }


def _mode(parameters: Parameters) -> str | None:
    """The mode of a model that has modes."""
    if parameters.family is not Family.UNIVERSAL_3_5:
        return None
    return parameters.mode.value if parameters.mode else "balanced"
