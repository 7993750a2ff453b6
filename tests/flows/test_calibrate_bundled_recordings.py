"""The flow `calibrate` with the local engine on bundled recordings: heard for real.

Three of them do, as the engine takes seconds for each: one and two channels, one with people who
interrupt each other, both groups. Its tests hear them all.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.flows.running import FlowRunner
from tests.flows.seen import FlowRun

RECORDINGS = Path(__file__).parents[1] / "recordings"
NAMES = ["ivr/bank_balance.wav", "ivr/taxi_interrupted.wav", "support/slow_phone.wav"]
PLANS = [
    plan for plan in json.loads((RECORDINGS / "planned.json").read_text()) if plan["name"] in NAMES
]

# Those of docs/local-server.md.
MEAN_TOLERANCE_MS = 40
GAP_TOLERANCE_MS = 100

pytestmark = pytest.mark.usefixtures("prefect_server")


@dataclass(frozen=True)
class Nights:
    """Two runs on the same recordings and the same data folder."""

    runner: FlowRunner
    first: FlowRun
    second: FlowRun


@pytest.fixture(scope="module")
def nights(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nights")
    recordings = folder / "recordings"
    for name in NAMES:
        (recordings / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(RECORDINGS / name, recordings / name)
    with FlowRunner(folder / "data") as runner:
        first = runner.calibrate(recordings)
        yield Nights(runner, first, runner.calibrate(recordings))


def figures(run: FlowRun) -> list[Any]:
    groups = (*run.result.calibration.groups, run.overall)
    return [(group.group, group.statistics, group.choice.preset) for group in groups]


def test_without_a_key_the_local_engine_is_used_and_said_out_loud(nights: Nights) -> None:
    assert nights.first.result.engine == "local"
    assert "local engine" in nights.first.result.notes[0]


def test_every_recording_is_analysed(nights: Nights) -> None:
    assert nights.first.state.is_completed()
    assert nights.first.message == "3 of 3 analysed"
    assert sorted(nights.first.by_name) == sorted(NAMES)


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_the_average_gap_of_each_is_as_planned(nights: Nights, plan: dict[str, Any]) -> None:
    figures = nights.first.by_name[plan["name"]].statistics
    assert figures.average_gap_ms == pytest.approx(plan["average_gap_ms"], abs=MEAN_TOLERANCE_MS)


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_every_signed_gap_in_the_table_is_as_planned(nights: Nights, plan: dict[str, Any]) -> None:
    gaps = nights.runner.table("gaps")
    of_it = gaps[gaps["recording_id"] == nights.first.by_name[plan["name"]].recording_id]
    heard = of_it.sort_values("index")["gap_ms"].tolist()
    assert heard == pytest.approx(plan["gaps_ms"], abs=GAP_TOLERANCE_MS)


def test_an_overlap_is_a_negative_gap_and_counts_for_no_average(nights: Nights) -> None:
    interrupted = nights.first.by_name["ivr/taxi_interrupted.wav"]
    assert (interrupted.total_utterances, interrupted.statistics.total_gaps) == (6, 3)
    assert interrupted.statistics.min_gap_ms > 0


def test_each_group_gets_its_preset_and_all_together_theirs(nights: Nights) -> None:
    assert nights.first.presets == {"ivr": "aggressive", "support": "conservative"}
    assert nights.first.overall.choice.preset == "balanced"


def test_the_settings_for_a_streaming_client_are_published(nights: Nights) -> None:
    latest = json.loads((nights.runner.data_dir / "calibrations" / "latest.json").read_text())
    assert str(nights.second.run_id) in json.dumps(latest)
    assert set(latest["groups"]) == {"ivr", "support"}


def test_a_second_run_sends_nothing(nights: Nights) -> None:
    names = set(nights.second.task_runs())
    assert not {name for name in names if name.startswith(("upload", "wait for"))}


def test_a_second_run_has_identical_figures(nights: Nights) -> None:
    assert figures(nights.second) == figures(nights.first)
    assert [each.transcript_id for each in nights.second.result.recordings] == [
        each.transcript_id for each in nights.first.result.recordings
    ]


def test_a_second_run_leaves_no_doubled_row_for_pandas(nights: Nights) -> None:
    recordings, gaps = nights.runner.table("recordings"), nights.runner.table("gaps")
    assert len(recordings) == len(PLANS)
    assert not recordings.duplicated(["recording_id", "options_hash"]).any()
    assert len(gaps) == sum(len(plan["gaps_ms"]) for plan in PLANS)
    assert not gaps.duplicated(["recording_id", "options_hash", "index"]).any()


def test_a_second_run_leaves_no_doubled_row_for_duckdb(nights: Nights) -> None:
    rows = nights.runner.query(
        "select count(*), count(distinct recording_id), sum(total_gaps) from {recordings}"
    )
    positive = nights.runner.query("select count(*) from {gaps} where gap_ms > 0")
    assert rows == [(len(PLANS), len(PLANS), positive[0][0])]


def test_the_calibrations_of_both_runs_are_kept(nights: Nights) -> None:
    rows = nights.runner.query(
        'select run_id, "group", preset from {calibrations} order by run_id, "group"'
    )
    expected = [("*", "balanced"), ("ivr", "aggressive"), ("support", "conservative")]
    runs = sorted(str(run.run_id) for run in (nights.first, nights.second))
    assert rows == [(run, *row) for run in runs for row in expected]


def test_a_new_recording_has_a_task_run_of_its_own_named_after_it(nights: Nights) -> None:
    names = {name for name in nights.first.task_runs() if name.startswith("upload")}
    assert names == {f"upload and submit {name}" for name in NAMES}


def test_the_ui_shows_a_table_of_the_groups(nights: Nights) -> None:
    rows = json.loads(nights.first.artifact("calibration").data)
    assert [(row["group"], row["chosen (ms)"], row["guide's rule"]) for row in rows] == [
        ("ivr", "160 / 400", "Aggressive"),
        ("support", "800 / 3600", "Conservative"),
        ("all", "400 / 1280", "Balanced"),
    ]


def test_the_ui_shows_a_summary_with_the_histogram_of_gaps(nights: Nights) -> None:
    summary = nights.first.artifact("calibration-summary").data
    assert summary.startswith("## Balanced, 400/1280 ms, by the guide's rule")
    assert "3 of 3 analysed" in summary
    assert "400-500 ms  ███" in summary


def test_the_ui_shows_that_the_progress_reached_the_end(nights: Nights) -> None:
    assert nights.first.artifact("calibration-progress").data == 100.0
