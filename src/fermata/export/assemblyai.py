"""The choice for AssemblyAI: query string, parameters of the Python SDK, `UpdateConfiguration`.

Sources: assemblyai.com/docs/streaming/turn-detection and
/docs/streaming/updating-configuration-mid-stream; AssemblyAI/assemblyai-python-sdk 1.8.2,
`assemblyai/streaming/v3/models.py`. The service clamps both silences to 50 to 10,000 ms
without a word, so it is done here, aloud.
"""

from dataclasses import replace

from fermata.export.handover import (
    Export,
    Form,
    Mark,
    SettingFate,
    Stack,
    carried,
    lost,
)
from fermata.export.recommendation import Recommendation
from fermata.export.texts import as_json, as_query, keywords
from fermata.export.units import Fitted, Range
from fermata.migration import Fate

LEAST_SILENCE_MS = 50
MOST_SILENCE_MS = 10_000

_THRESHOLD = "end_of_turn_confidence_threshold"
_UNLISTED = "as the SDK sends it; the page on UpdateConfiguration does not list it"
_RENAMED = {"min_end_of_turn_silence_when_confident": "min_turn_silence"}
_UPDATE = "UpdateConfiguration"
_NOTE = (
    "Python: sample_rate is that of your audio; SDK 1.8 calls StreamingParameters "
    "RealTimeParameters as well"
)


def export(recommendation: Recommendation) -> Export:
    """The choice in AssemblyAI's own names."""
    silences = fitted_silences(recommendation)
    session = {"speech_model": recommendation.speech_model, **_sent(silences)}
    return Export(
        Stack.ASSEMBLYAI,
        (*_at_connection(session, silences), _update(recommendation.speech_model, silences)),
        (_NOTE,),
    )


def fitted_silences(recommendation: Recommendation) -> dict[str, SettingFate]:
    """The settings of a turn as AssemblyAI takes them, by its names, in its order."""
    given: dict[str, tuple[float, Range]] = {
        "min_turn_silence": (recommendation.min_turn_silence_ms, _silence("min_turn_silence")),
        "max_turn_silence": (recommendation.max_turn_silence_ms, _silence("max_turn_silence")),
    }
    threshold = recommendation.end_of_turn_confidence_threshold
    if threshold is not None:
        given[_THRESHOLD] = (threshold, Range(_THRESHOLD, 0, 1, ""))
    return {
        name: carried(name, value, name, allowed.fit(value), "as it is", fate=Fate.MAPPED)
        for name, (value, allowed) in given.items()
    }


def _silence(name: str) -> Range:
    return Range(name, LEAST_SILENCE_MS, MOST_SILENCE_MS, "ms")


def _sent(silences: dict[str, SettingFate]) -> dict[str, object]:
    return {name: fate.sent for name, fate in silences.items()}


def _at_connection(
    session: dict[str, object], silences: dict[str, SettingFate]
) -> tuple[Form, Form]:
    model = session["speech_model"]
    named = carried(
        "speech_model", model, "speech_model", Fitted(model), "as it is", fate=Fate.MAPPED
    )
    fates = (named, *silences.values())
    python = (
        "from assemblyai.streaming.v3 import StreamingParameters\n\n"
        f"parameters = StreamingParameters(\n    sample_rate=16_000,\n{keywords(session, 4)}\n)"
    )
    return (
        Form(
            "query",
            "query string of wss://streaming.assemblyai.com/v3/ws",
            session,
            as_query(session),
            fates,
            renamed=_RENAMED,
        ),
        Form("python", "Python SDK", session, python, fates, renamed=_RENAMED),
    )


def _update(speech_model: str, silences: dict[str, SettingFate]) -> Form:
    message = {"type": _UPDATE, **_sent(silences)}
    fates = (
        replace(fate, note=_UNLISTED) if fate.setting == _THRESHOLD else fate
        for fate in silences.values()
    )
    fixed = lost("speech_model", speech_model, "cannot be changed while a session runs")
    return Form(
        "update",
        "message that changes a running session",
        message,
        as_json(message),
        (fixed, *fates),
        marks=(Mark("type", _UPDATE),),
        renamed=_RENAMED,
    )
