"""What a calibration leaves behind: a table of all runs, and the newest choice as JSON."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pandas as pd
import pytest

from fermata.calibration import (
    MAIN,
    DamagedChoiceError,
    RecordingOutcome,
    calibrate,
    load_presets,
    read_latest,
    write_calibration,
    write_latest,
)
from fermata.errors import UsageError
from fermata.storage import Storage
from fermata.tables import CALIBRATIONS, read_table

PRESETS = load_presets(Path(__file__).parents[3] / "config" / "presets.toml")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path))


def calibration_of(gap_ms_by_group, run_id="run-1", speech_model="u3-rt-pro", hours=0):
    """A run with one recording per group, each with one gap; None is a recording without."""
    gaps = pd.DataFrame(
        [(group, "o", gap) for group, gap in gap_ms_by_group.items() if gap is not None],
        columns=["recording_id", "options_hash", "gap_ms"],
    )
    return calibrate(
        run_id=run_id,
        chosen_at=NOON + timedelta(hours=hours),
        outcomes=[RecordingOutcome(group, "o", group, 2) for group in gap_ms_by_group],
        gaps=gaps.astype({"gap_ms": "int64"}),
        presets=PRESETS,
        speech_model=speech_model,
    )


def test_a_run_is_one_row_per_group_and_one_for_all(storage):
    write_calibration(storage, calibration_of({"ivr": 100, "support": 3_000}))
    table = read_table(storage, CALIBRATIONS)
    assert list(table["group"]) == ["*", "ivr", "support"]
    assert list(table["preset"]) == ["conservative", "aggressive", "conservative"]
    assert list(table["average_gap_ms"]) == [1_550, 100, 3_000]
    assert list(table["average_of_file_averages_ms"]) == [1_550, 100, 3_000]
    assert set(table["run_id"]) == {"run-1"}
    assert table["chosen_at"][0] == pd.Timestamp(NOON)


def test_writing_a_run_twice_leaves_its_rows_once(storage):
    for _ in range(2):
        path = write_calibration(storage, calibration_of({"ivr": 100}))
    assert path == "calibrations/run-1.parquet"
    assert len(read_table(storage, CALIBRATIONS)) == 2


def test_a_group_without_gaps_has_null_figures_and_a_preset(storage):
    write_calibration(storage, calibration_of({"ivr": None}))
    row = read_table(storage, CALIBRATIONS).iloc[0]
    assert row["total_gaps"] == 0
    assert row["title"] == "Balanced (Default)"
    assert pd.isna(row["average_gap_ms"])
    assert pd.isna(row["variability"])


def test_nothing_calibrated_yet_reads_as_none(storage):
    assert read_latest(storage) is None


def test_the_newest_choice_reads_back_as_it_was_made(storage):
    calibration = calibration_of({"ivr": 100, "support": 3_000})
    write_calibration(storage, calibration)
    assert write_latest(storage, PRESETS, MAIN) == MAIN.latest_path
    latest = read_latest(storage)
    assert latest.overall.preset == "conservative"
    assert latest.overall.run_id == "run-1"
    assert latest.overall.chosen_at == NOON
    assert latest.for_group("ivr").preset == "aggressive"
    assert latest.for_group("ivr").reasoning == calibration.groups[0].choice.reasoning


def test_the_streaming_parameters_make_a_query_as_they_are(storage):
    speech_model = "universal-streaming-english"
    write_calibration(storage, calibration_of({"ivr": 3_000}, speech_model=speech_model))
    write_latest(storage, PRESETS, MAIN)
    written = json.loads(storage.read(MAIN.latest_path))
    query = parse_qs(urlencode(written["overall"]["streaming_parameters"]))
    assert query == {
        "speech_model": ["universal-streaming-english"],
        "min_turn_silence": ["800"],
        "max_turn_silence": ["3600"],
        "end_of_turn_confidence_threshold": ["0.7"],
    }


def test_a_model_without_a_confidence_threshold_is_not_sent_one(storage):
    write_calibration(storage, calibration_of({"ivr": 3_000}))
    write_latest(storage, PRESETS, MAIN)
    overall = read_latest(storage).overall
    assert urlencode(overall.streaming_parameters) == (
        "speech_model=u3-rt-pro&min_turn_silence=800&max_turn_silence=3600"
    )
    assert overall.end_of_turn_confidence_threshold == 0.7
    assert overall.note.startswith("u3-rt-pro: ")


def test_a_newer_run_replaces_the_choice_of_its_groups_and_keeps_the_others(storage):
    write_calibration(storage, calibration_of({"ivr": 100, "support": 3_000}))
    write_calibration(storage, calibration_of({"ivr": 700}, run_id="run-2", hours=1))
    write_latest(storage, PRESETS, MAIN)
    latest = read_latest(storage)
    assert {name: each.run_id for name, each in latest.groups.items()} == {
        "ivr": "run-2",
        "support": "run-1",
    }
    assert latest.overall.run_id == "run-2"


def test_a_late_retry_of_an_older_run_does_not_push_out_the_newer_choice(storage):
    older, newer = calibration_of({"a": 100}), calibration_of({"a": 700}, "run-2", hours=1)
    for calibration in (older, newer, older):
        write_calibration(storage, calibration)
        write_latest(storage, PRESETS, MAIN)
    assert read_latest(storage).overall.run_id == "run-2"


def test_a_night_without_any_gap_leaves_the_last_real_choice_in_force(storage):
    write_calibration(storage, calibration_of({"ivr": 3_000}))
    write_calibration(storage, calibration_of({"ivr": None}, run_id="run-2", hours=1))
    write_latest(storage, PRESETS, MAIN)
    latest = read_latest(storage)
    assert (latest.overall.run_id, latest.overall.preset) == ("run-1", "conservative")


def test_the_file_is_the_same_however_often_it_is_written(storage):
    write_calibration(storage, calibration_of({"ivr": 100}))
    write_latest(storage, PRESETS, MAIN)
    before = storage.read(MAIN.latest_path)
    write_latest(storage, PRESETS, MAIN)
    assert storage.read(MAIN.latest_path) == before


def test_an_unknown_group_names_those_that_are_known(storage):
    write_calibration(storage, calibration_of({"ivr": 100, "support": 3_000}))
    write_latest(storage, PRESETS, MAIN)
    with pytest.raises(UsageError, match=r"'sales'.*there are: ivr, support"):
        read_latest(storage).for_group("sales")


def test_fields_of_a_later_version_are_passed_over(storage):
    write_calibration(storage, calibration_of({"ivr": 100}))
    write_latest(storage, PRESETS, MAIN)
    written = json.loads(storage.read(MAIN.latest_path))
    written["overall"]["mood"] = "calm"
    storage.write_atomically(MAIN.latest_path, json.dumps(written).encode())
    assert read_latest(storage).overall.preset == "aggressive"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"overall": {}}', b"\xff"])
def test_a_damaged_choice_is_refused_in_one_line(storage, content):
    storage.write_atomically(MAIN.latest_path, content)
    with pytest.raises(DamagedChoiceError, match="calibrate again") as refused:
        read_latest(storage)
    assert "\n" not in str(refused.value)


def test_there_is_no_newest_choice_before_the_first(storage):
    with pytest.raises(ValueError, match="no calibration"):
        write_latest(storage, PRESETS, MAIN)
