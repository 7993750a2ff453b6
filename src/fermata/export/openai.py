"""The choice for OpenAI's Realtime API: `server_vad` or `semantic_vad`.

Sources: developers.openai.com/api/docs/guides/realtime-vad (`session.audio.input.
turn_detection`); openai/openai-python, `src/openai/types/realtime/
realtime_audio_input_turn_detection.py` (`silence_duration_ms` 500 by default, without a range;
the eagernesses low, medium and high wait at most 8, 4 and 2 s; auto is medium).
"""

from fermata.export.handover import (
    Export,
    Form,
    Mark,
    SettingFate,
    Stack,
    carried,
    lost,
    lost_threshold,
)
from fermata.export.recommendation import Recommendation
from fermata.export.texts import as_json
from fermata.export.units import Fitted, seconds

LONGEST_WAITS_S = {"high": 2.0, "medium": 4.0, "low": 8.0}
"""The longest silence of each eagerness, from the quickest to the most patient."""

_NO_THRESHOLD = "the confidence of semantic_vad cannot be set"


def export(recommendation: Recommendation) -> Export:
    """The choice in the names of OpenAI's Realtime API."""
    return Export(
        Stack.OPENAI,
        (_server_vad(recommendation), _semantic_vad(recommendation)),
        ("OpenAI documents no range for silence_duration_ms, so none was checked",),
    )


def eagerness_for(silence_s: float) -> str:
    """The quickest eagerness that waits at least as long; `low` where none does.

    >>> eagerness_for(1.28), eagerness_for(3.6), eagerness_for(10)
    ('high', 'medium', 'low')
    """
    patient_enough = (name for name, most_s in LONGEST_WAITS_S.items() if silence_s <= most_s)
    return next(patient_enough, "low")


def _server_vad(recommendation: Recommendation) -> Form:
    silence_ms = recommendation.min_turn_silence_ms
    return _form(
        {"type": "server_vad", "silence_duration_ms": silence_ms},
        "session.update: silence alone ends the turn",
        (
            carried(
                "min_turn_silence",
                silence_ms,
                "silence_duration_ms",
                Fitted(silence_ms),
                "pure silence, with no look at whether the sentence is complete",
            ),
            lost(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "an unfinished sentence gets no longer silence than a finished one",
            ),
            *lost_threshold(
                recommendation.end_of_turn_confidence_threshold,
                "server_vad's threshold is that of speech, not of the end of a turn",
            ),
        ),
    )


def _semantic_vad(recommendation: Recommendation) -> Form:
    longest_s = seconds(recommendation.max_turn_silence_ms)
    eagerness = eagerness_for(longest_s)
    most_s = LONGEST_WAITS_S[eagerness]
    return _form(
        {"type": "semantic_vad", "eagerness": eagerness},
        "session.update: OpenAI's model ends the turn",
        (
            lost(
                "min_turn_silence",
                recommendation.min_turn_silence_ms,
                "the model decides how soon a complete turn ends",
            ),
            carried(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "eagerness",
                Fitted(eagerness),
                f"waits at most {most_s:g} s, {_beside(most_s, longest_s)}",
            ),
            *lost_threshold(recommendation.end_of_turn_confidence_threshold, _NO_THRESHOLD),
        ),
    )


def _beside(most_s: float, wanted_s: float) -> str:
    if most_s < wanted_s:
        return f"the longest there is: {wanted_s:g} s cannot be had"
    return f"the shortest of three steps that is not below {wanted_s:g} s"


def _form(detection: dict[str, object], title: str, fates: tuple[SettingFate, ...]) -> Form:
    session = {"audio": {"input": {"turn_detection": detection}}}
    event = {"type": "session.update", "session": {"type": "realtime", **session}}
    kind = str(detection["type"])
    return Form(
        kind, title, {"session": session}, as_json(event), fates, marks=(Mark("type", kind),)
    )
