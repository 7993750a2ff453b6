"""The guide's rule and its texts."""

from pathlib import Path

import pytest
from hypothesis import given

from fermata.calibration import (
    Variability,
    choose,
    load_presets,
    preset_for,
    variability_of,
    variability_ratio,
)
from fermata.turntaking import gap_statistics
from tests.strategies import positive_gap_lists

PRESETS = load_presets(Path(__file__).parents[3] / "config" / "presets.toml")


def the_guides_way(average_gap_ms):
    if average_gap_ms < 500:
        return ("Aggressive", 160, 400, "Fast-paced conversation with quick turn-taking")
    if average_gap_ms < 1000:
        return ("Balanced", 400, 1280, "Natural conversation pacing")
    return ("Conservative", 800, 3600, "Thoughtful, complex speech with longer pauses")


@given(positive_gap_lists)
def test_the_choice_is_the_guides(gaps):
    choice = choose(gap_statistics(gaps), PRESETS)
    found = (
        choice.title,
        choice.min_turn_silence_ms,
        choice.max_turn_silence_ms,
        choice.description,
    )
    assert found == the_guides_way(sum(gaps) / len(gaps))


@pytest.mark.parametrize(
    ("average_gap_ms", "preset"),
    [
        (1, "aggressive"),
        (499.999, "aggressive"),
        (500, "balanced"),
        (999.999, "balanced"),
        (1_000, "conservative"),
        (60_000, "conservative"),
    ],
)
def test_a_boundary_belongs_to_the_upper_preset(average_gap_ms, preset):
    assert preset_for(average_gap_ms, PRESETS.boundaries) == preset


@pytest.mark.parametrize(("gaps", "preset"), [([499, 501], "balanced"), ([1_000], "conservative")])
def test_an_average_of_exactly_a_boundary_is_chosen_alike(gaps, preset):
    assert choose(gap_statistics(gaps), PRESETS).preset == preset


def test_without_gaps_balanced_is_the_default():
    choice = choose(None, PRESETS)
    assert choice.title == "Balanced (Default)"
    assert choice.preset == "balanced"
    assert (choice.min_turn_silence_ms, choice.max_turn_silence_ms) == (400, 1_280)
    assert choice.reasoning == "Using default balanced configuration (no gap data available)"


def test_the_reasoning_and_use_cases_are_the_guides_sentences():
    choice = choose(gap_statistics([1_368]), PRESETS)
    assert choice.reasoning == (
        "Average gap of 1368ms indicates Thoughtful, complex speech with longer pauses"
    )
    assert choice.use_cases == "Technical support, healthcare, legal consultations, troubleshooting"
    assert choice.end_of_turn_confidence_threshold == 0.7
    assert choice.chosen_by == "average-gap"


def test_other_boundaries_make_another_choice():
    boundaries = PRESETS.boundaries.model_copy(update={"balanced_from_average_gap_ms": 300})
    patient = PRESETS.model_copy(update={"boundaries": boundaries})
    assert choose(gap_statistics([400]), patient).preset == "balanced"


@pytest.mark.parametrize(
    ("ratio", "label"),
    [(1, "LOW"), (2, "LOW"), (2.001, "MODERATE"), (3, "MODERATE"), (3.001, "HIGH"), (69, "HIGH")],
)
def test_variability_has_the_guides_three_labels(ratio, label):
    assert variability_of(ratio) == label
    assert Variability(label).meaning


def test_variability_is_the_longest_gap_over_the_average():
    assert variability_ratio(gap_statistics([100, 200, 600])) == 2
