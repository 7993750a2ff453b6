"""What a run's reports say: the summary line, the histogram, markdown that nothing breaks."""

from datetime import UTC, datetime
from io import StringIO

import pandas as pd
import pytest
from hypothesis import given
from rich.console import Console

from config import PROJECT_ROOT
from fermata.calibration import RecordingOutcome, calibrate, load_presets
from fermata.report.histogram import EDGES_MS, histogram, histogram_lines
from fermata.report.markdown import summary_markdown
from fermata.report.result import CalibrationResult, RecordingResult
from fermata.report.terminal import render_result
from fermata.tables import RecordingStatus
from fermata.turntaking import gap_statistics
from tests.strategies import positive_gap_lists

PRESETS = load_presets(str(PROJECT_ROOT / "config" / "presets.toml"))
FAILED = RecordingStatus.FAILED
ANALYSED = RecordingStatus.ANALYSED


def recording(
    name: str,
    status: RecordingStatus = ANALYSED,
    reason: str | None = None,
    duplicate_of: str | None = None,
) -> RecordingResult:
    return RecordingResult(
        name=name,
        group="calls",
        status=status,
        reason=reason,
        transcript_id="t-1",
        recording_id=name,
        duplicate_of=duplicate_of,
        total_utterances=3,
        statistics=gap_statistics([400, 600]) if status is ANALYSED else None,
    )


def result(*recordings: RecordingResult) -> CalibrationResult:
    analysed = [each.name for each in recordings if each.status is ANALYSED]
    gaps = pd.DataFrame(
        [(name, "o", gap_ms) for name in analysed for gap_ms in (400, 600)],
        columns=["recording_id", "options_hash", "gap_ms"],
    )
    calibration = calibrate(
        run_id="run",
        chosen_at=datetime(2026, 11, 21, tzinfo=UTC),
        outcomes=[RecordingOutcome(each.name, "o", each.group, 3) for each in recordings],
        gaps=gaps.astype({"gap_ms": "int64"}),
        presets=PRESETS,
        speech_model="universal-streaming-english",
    )
    return CalibrationResult(
        calibration=calibration,
        recordings=recordings,
        engine="local",
        written={"settings": "data/calibrations/latest.json"},
        notes=(),
    )


def shown(run: CalibrationResult, columns: int = 100) -> str:
    screen = StringIO()
    Console(file=screen, width=columns).print(render_result(run))
    return screen.getvalue()


def test_the_summary_counts_failures() -> None:
    good = [recording(f"{index}.wav") for index in range(47)]
    bad = [recording(f"bad_{index}.wav", FAILED, "no audio") for index in range(3)]
    assert result(*good, *bad).summary == "47 of 50 analysed, 3 failed"


def test_the_summary_tells_recordings_without_gaps_and_repeated_ones_apart() -> None:
    run = result(
        recording("a.wav"),
        recording("alone.wav", RecordingStatus.TOO_FEW_UTTERANCES),
        recording("over.wav", RecordingStatus.NO_GAPS),
        recording("copy.wav", duplicate_of="a.wav"),
    )
    assert run.summary == "1 of 3 analysed, 2 without gaps, 1 repeated under another name"
    assert run.failed_share == 0


def test_a_recording_repeated_under_another_name_makes_no_failure_weigh_twice() -> None:
    bad = recording("bad.wav", FAILED, "no audio")
    copy = recording("copy.wav", FAILED, "no audio", duplicate_of="bad.wav")
    assert result(bad, copy, recording("good.wav")).failed_share == 0.5


def test_an_edge_of_the_histogram_belongs_to_the_bin_it_begins() -> None:
    counts = {bin_.from_ms: bin_.count for bin_ in histogram([499, 500, 999, 1000, 5000, 90_000])}
    assert {edge: count for edge, count in counts.items() if count} == {
        400: 1,
        500: 1,
        750: 1,
        1000: 1,
        5000: 2,
    }


@given(positive_gap_lists)
def test_the_histogram_loses_no_gap(gaps_ms: list[int]) -> None:
    bins = histogram(gaps_ms)
    assert sum(bin_.count for bin_ in bins) == len(gaps_ms)
    assert len(bins) == len(EDGES_MS)


def test_a_bin_that_holds_little_never_looks_empty() -> None:
    lines = histogram_lines(histogram([50] * 10_000 + [150]))
    assert "100-200 ms  █ 1" in lines[1]
    assert "200-300 ms   0" in lines[2]


def test_a_histogram_of_nothing_has_empty_bins() -> None:
    assert not any("█" in line for line in histogram_lines(histogram([])))


def test_names_and_reasons_break_no_table_of_the_markdown() -> None:
    run = result(recording("a|b<script>.wav", FAILED, "odd\nreason | here"), recording("good.wav"))
    text = summary_markdown(run, histogram([400, 600]))
    (row,) = [line for line in text.splitlines() if line.startswith("| a")]
    assert row == "| a\\|b&lt;script>.wav | odd reason \\| here | t-1 |"


def test_the_markdown_says_the_choice_the_count_and_where_all_is() -> None:
    text = summary_markdown(result(recording("a.wav")), histogram([400, 600]))
    assert text.startswith("## Balanced, 400/1280 ms, by the guide's rule")
    assert "**1 of 1 analysed**" in text
    assert "`data/calibrations/latest.json`" in text
    assert "Not analysed" not in text


def test_every_file_without_figures_is_listed_with_its_reason_and_counted() -> None:
    run = result(
        recording("good.wav"),
        recording("copy.wav", duplicate_of="good.wav"),
        recording("over.wav", RecordingStatus.NO_GAPS, "all speech overlaps"),
        recording("alone.wav", RecordingStatus.TOO_FEW_UTTERANCES),
        recording("doubt.wav", RecordingStatus.IN_DOUBT, "no answer came"),
        recording("bad.wav", FAILED, "no audio"),
    )
    text = summary_markdown(run, histogram([400, 600]))
    _, _, table = text.partition("### Not analysed: 5 of 6 files\n\n")
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:6]
    assert rows == [
        "| doubt.wav | no answer came | t-1 |",
        "| bad.wav | no audio | t-1 |",
        "| over.wav | all speech overlaps | t-1 |",
        "| alone.wav | too few utterances | t-1 |",
        "| copy.wav | the same content as good.wav | t-1 |",
    ]


def test_thousands_of_failures_are_counted_and_not_all_listed() -> None:
    failures = [recording(f"{index}.wav", FAILED, "no audio") for index in range(2_000)]
    text = summary_markdown(result(*failures), histogram([]))
    assert "and 1,950 more" in text
    assert len(text.splitlines()) < 150


def test_what_went_wrong_comes_first_where_a_screen_cannot_hold_all() -> None:
    good = [recording(f"good_{index:03d}.wav") for index in range(100)]
    text = shown(result(*good, recording("zz_bad.wav", FAILED, "no audio")))
    assert "zz_bad.wav" in text
    assert "no audio" in text
    assert "and 61 more" in text


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_end_of_a_run_shows_figures_and_choice_at_any_width(columns: int) -> None:
    text = shown(result(recording("[bold]odd[/].wav"), recording("b.wav")), columns)
    assert "Overall average gap: 500 ms (0.50 seconds)" in text
    assert "Selected configuration: Balanced" in text
    assert "[bold]" in text


def test_json_gives_each_recording_its_figures_under_the_tables_names() -> None:
    rows = result(recording("a.wav"), recording("b.wav", FAILED, "no audio")).as_json()
    good, bad = rows["recordings"]
    assert (good["name"], good["average_gap_ms"], good["total_gaps"]) == ("a.wav", 500.0, 2)
    assert (bad["status"], bad["reason"], bad["total_gaps"]) == ("failed", "no audio", 0)
