"""The choice for Gladia live v2: one silence, and the greatest length of an utterance.

The rule, the ranges and their sources are those of `fermata.gladia.turns`, which also
prepares Fermata's own sessions with Gladia.
"""

from fermata.export.handover import Export, Form, SettingFate, Stack, carried
from fermata.export.recommendation import Recommendation
from fermata.export.texts import as_json
from fermata.export.units import Fitted
from fermata.gladia.turns import Endpointing, TurnSettings, endpointing_for
from fermata.migration import Fate

_LENGTH = "maximum_duration_without_endpointing"


def export(recommendation: Recommendation) -> Export:
    """The choice in Gladia's names, in seconds."""
    settings = TurnSettings(
        recommendation.min_turn_silence_ms,
        recommendation.max_turn_silence_ms,
        recommendation.end_of_turn_confidence_threshold,
    )
    endpointing = endpointing_for(settings)
    body = {"endpointing": endpointing.endpointing_s, _LENGTH: endpointing.maximum_duration_s}
    form = Form(
        "body",
        "part of the body of POST /v2/live",
        body,
        as_json(body),
        tuple(_fate(note, settings, endpointing) for note in endpointing.notes),
    )
    return Export(Stack.GLADIA, (form,))


def _fate(note: str, settings: TurnSettings, endpointing: Endpointing) -> SettingFate:
    """The fate of the setting that a note begins with."""
    setting = note.split(maxsplit=1)[0]
    if setting == _LENGTH:
        return carried(setting, None, setting, Fitted(endpointing.maximum_duration_s), note)
    if setting == "min_turn_silence":
        sent = Fitted(endpointing.endpointing_s)
        return carried(setting, settings.min_turn_silence_ms, "endpointing", sent, note)
    values = {
        "max_turn_silence": settings.max_turn_silence_ms,
        "end_of_turn_confidence_threshold": settings.end_of_turn_confidence_threshold,
    }
    return SettingFate(setting, values.get(setting), Fate.UNSUPPORTED, None, None, note)
