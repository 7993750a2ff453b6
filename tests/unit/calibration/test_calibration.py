"""Pooling a run's gaps per group and overall."""

from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.calibration import RecordingOutcome, calibrate, load_presets
from fermata.turntaking import gap_statistics
from tests.strategies import positive_gap_lists

PRESETS = load_presets(Path(__file__).parents[3] / "config" / "presets.toml")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
OPTIONS = "0123456789ab"


def recording(name, group="default", utterances=10):
    return RecordingOutcome(name, OPTIONS, group, utterances)


def calibrated(outcomes, gaps_ms, speech_model="u3-rt-pro"):
    rows = [(name, OPTIONS, gap) for name, gaps in gaps_ms.items() for gap in gaps]
    gaps = pd.DataFrame(rows, columns=["recording_id", "options_hash", "gap_ms"])
    return calibrate(
        run_id="run",
        chosen_at=NOON,
        outcomes=outcomes,
        gaps=gaps.astype({"gap_ms": "int64"}),
        presets=PRESETS,
        speech_model=speech_model,
    )


def test_each_group_and_all_together_get_a_choice_of_their_own():
    result = calibrated(
        [recording("a", "ivr"), recording("b", "support"), recording("c", "ivr")],
        {"a": [100, 200], "b": [3_000], "c": [300]},
    )
    assert [(each.group, each.choice.preset) for each in result.groups] == [
        ("ivr", "aggressive"),
        ("support", "conservative"),
    ]
    assert result.overall.group == "*"
    assert result.overall.statistics == gap_statistics([100, 200, 3_000, 300])


def test_gaps_are_pooled_so_a_long_recording_weighs_more():
    overall = calibrated(
        [recording("a"), recording("b")], {"a": [100, 100, 100], "b": [900]}
    ).overall
    assert overall.statistics.average_gap_ms == 300
    assert overall.average_of_file_averages_ms == 500


@given(st.dictionaries(st.sampled_from("abcdefgh"), positive_gap_lists))
def test_the_overall_figures_are_those_of_all_gaps(gaps_ms):
    overall = calibrated([recording(name) for name in gaps_ms], gaps_ms).overall
    pooled = [gap for gaps in gaps_ms.values() for gap in gaps]
    assert overall.statistics == gap_statistics(pooled)
    assert overall.total_gaps == len(pooled)
    if gaps_ms:
        averages = [fmean(gaps) for gaps in gaps_ms.values()]
        assert overall.average_of_file_averages_ms == pytest.approx(fmean(averages))
        assert overall.variability_ratio == max(pooled) / overall.statistics.average_gap_ms


def test_the_same_content_under_two_names_counts_once():
    overall = calibrated([recording("a"), recording("a")], {"a": [100, 300]}).overall
    assert (overall.recordings_found, overall.total_gaps) == (1, 2)


def test_the_same_content_in_two_groups_counts_once_in_each_and_once_overall():
    result = calibrated([recording("a", "ivr"), recording("a", "support")], {"a": [100]})
    assert [each.total_gaps for each in (*result.groups, result.overall)] == [1, 1, 1]


def test_a_recording_without_positive_gaps_is_found_and_not_analysed():
    overall = calibrated([recording("a"), recording("quiet")], {"a": [100]}).overall
    assert (overall.recordings_found, overall.recordings_analysed) == (2, 1)
    assert overall.total_utterances == 10


def test_files_that_were_never_read_count_as_found_each():
    unread = RecordingOutcome(None, None, "default", 0)
    overall = calibrated([recording("a"), unread, unread], {"a": [100]}).overall
    assert (overall.recordings_found, overall.recordings_analysed) == (3, 1)


def test_a_transcript_made_with_other_options_is_not_mixed_in():
    other = RecordingOutcome("a", "other options", "default", 10)
    assert calibrated([other], {"a": [100]}).overall.statistics is None


def test_a_group_without_gaps_gets_the_default_and_no_figures():
    result = calibrated([recording("a", "ivr"), recording("b", "support")], {"b": [100]})
    ivr = result.groups[0]
    assert ivr.choice.title == "Balanced (Default)"
    assert ivr.statistics is None
    assert ivr.average_of_file_averages_ms is None
    assert ivr.variability_ratio is None
    assert ivr.variability is None
    assert ivr.total_gaps == 0


def test_a_run_that_found_nothing_has_an_overall_default_and_no_groups():
    result = calibrated([], {})
    assert result.groups == ()
    assert result.overall.choice.title == "Balanced (Default)"


def test_the_presets_are_the_same_for_every_model_but_the_note_is_not():
    for_u3 = calibrated([recording("a")], {"a": [100]}, "u3-rt-pro").overall
    for_streaming = calibrated(
        [recording("a")], {"a": [100]}, "universal-streaming-english"
    ).overall
    assert for_u3.choice == for_streaming.choice
    assert for_u3.note
    assert for_streaming.note is None
