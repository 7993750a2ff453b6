"""Choices to hand over."""

from typing import Any

from hypothesis import strategies as st

from fermata.calibration import LatestChoice, LatestChoices
from fermata.export import Export, Form, Recommendation, SettingFate

BALANCED = Recommendation(400, 1280, "u3-rt-pro")
CONFIDENT = Recommendation(400, 1280, "universal-streaming-english", 0.4)
PATIENT = Recommendation(800, 3600, "u3-rt-pro")
HASTY = Recommendation(50, 100, "u3-rt-pro")

_silences = st.integers(min_value=50, max_value=10_000)
_models = st.sampled_from(["u3-rt-pro", "universal-3-6-pro", "universal-streaming-english"])


@st.composite
def recommendations(draw: st.DrawFn) -> Recommendation:
    """Any that a calibration can make."""
    one, other = draw(_silences), draw(_silences)
    threshold = draw(st.none() | st.floats(min_value=0, max_value=1))
    return Recommendation(min(one, other), max(one, other), draw(_models), threshold)


def form_of(export: Export, name: str) -> Form:
    return next(form for form in export.forms if form.name == name)


def fate_of(form: Form, setting: str) -> SettingFate:
    return next(fate for fate in form.fates if fate.setting == setting)


def latest_choices(**groups: tuple[int, int]) -> LatestChoices:
    """A balanced choice overall, and the given silences for each group."""
    return LatestChoices(
        overall=_choice("*", 400, 1280),
        groups={group: _choice(group, *silences_ms) for group, silences_ms in groups.items()},
    )


def _choice(group: str, shortest_ms: int, longest_ms: int) -> LatestChoice:
    parameters: dict[str, Any] = {
        "speech_model": "u3-rt-pro",
        "min_turn_silence": shortest_ms,
        "max_turn_silence": longest_ms,
    }
    return LatestChoice.model_validate(
        {
            "run_id": "run-1",
            "group": group,
            "chosen_at": "2026-03-02T01:00:00Z",
            "chosen_by": "average-gap",
            "preset": "balanced",
            "title": "Balanced",
            "min_turn_silence_ms": shortest_ms,
            "max_turn_silence_ms": longest_ms,
            "end_of_turn_confidence_threshold": 0.4,
            "speech_model": "u3-rt-pro",
            "streaming_parameters": parameters,
            "recordings_found": 3,
            "recordings_analysed": 3,
            "total_gaps": 10,
            "average_gap_ms": 600.0,
            "median_gap_ms": 500.0,
            "variability_ratio": 2.5,
            "variability": "MODERATE",
            "description": "Natural conversation pacing",
            "use_cases": "Support",
            "reasoning": "Average gap of 600ms",
            "note": None,
        }
    )
