"""What a session came to, in numbers and lists that JSON can hold."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fermata.live.report import ChannelReport, ProviderSession, SessionReport
from fermata.sessions.lines import JsonObject, fields_of

_QUANTILES = {"p50": 0.5, "p90": 0.9}


def figures(report: SessionReport) -> JsonObject:
    """The figures that `session.json` and the last line of `--json` hold.

    Quantiles of latencies interpolate linearly; null where there is no turn to measure.
    """
    channels = report.channels
    return {
        "error": report.error,
        "interrupted": report.interrupted,
        "unconfirmed": report.unconfirmed,
        "lost_ms": round(report.lost_ms),
        "captured_s": report.captured_s,
        "audio_s": sum(_heard_s(own) for each in channels for own in each.sessions),
        "billed_s": report.billed_s,
        "billed_is_estimated": report.billed_is_estimated,
        "turns": sum(len(each.turns) for each in channels),
        "dropped_frames": sum(each.dropped_frames for each in channels),
        "dropped_ms": sum(each.dropped_ms for each in channels),
        "source_losses": fields_of(report.losses),
        "reconnections": sum(each.reconnections for each in channels),
        "first_partial_latency_ms": _quantiles(
            [late for each in channels for late in each.first_partial_latencies_ms]
        ),
        "final_latency_ms": _quantiles(
            [late for each in channels for late in each.final_latencies_ms]
        ),
        "llm_answers_due": sum(each.answers_due for each in channels),
        "llm_answers": sum(each.answers for each in channels),
        "provider_sessions": _listed(channels, "sessions"),
        "holes": _listed(channels, "holes"),
        "notices": _listed(channels, "notices"),
        "source_error": report.source_error,
        "recording_error": report.recording_error,
    }


def _heard_s(session: ProviderSession) -> float:
    """How much audio the service got; what was sent, where it doesn't say."""
    return session.sent_s if session.audio_s is None else session.audio_s


def _quantiles(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return dict.fromkeys(_QUANTILES)
    return {name: float(np.quantile(values, share)) for name, share in _QUANTILES.items()}


def _listed(channels: Sequence[ChannelReport], attribute: str) -> list[dict[str, Any]]:
    return [
        {"channel": each.channel, **fields_of(own)}
        for each in channels
        for own in getattr(each, attribute)
    ]
