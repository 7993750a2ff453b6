"""Narrow terminals: no word is broken and nothing is left out, in tables and in sentences."""

import io
import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from rich.text import Text
from verdicts import calibration

from fermata.calibration import ChooseBy
from fermata.cli.consoles import Terminal
from fermata.report.fitting import FittingTable, Words
from fermata.report.result import CalibrationResult, RecordingResult
from fermata.report.terminal import render_result
from fermata.tables import RecordingStatus
from fermata.thresholds import Verdict
from fermata.turntaking import gap_statistics

LONG = (
    "support/2026-11-28_a-name-that-is-much-longer-than-any-terminal-is-wide_" + "x" * 60 + ".wav"
)
REASON = "the service refused it: Download error, unable to download; check the address"

words = st.text("abcdefgh", min_size=1, max_size=12)
cells = st.lists(words, max_size=4).map(" ".join)


def drawn(shown: RenderableType, columns: int) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=columns, _environ={})
    console.print(shown, crop=False)
    return file.getvalue().splitlines()


def words_of(lines: list[str]) -> Counter[str]:
    text = " ".join(lines).replace("─", " ").replace(",", " ")
    return Counter(text.split())


@given(st.lists(st.tuples(words, cells, cells), min_size=1, max_size=5), st.integers(20, 100))
def test_every_word_of_a_table_stands_whole_in_any_width(
    rows: list[tuple[str, str, str]], columns: int
) -> None:
    table = FittingTable(
        "", ("one", "two", "three"), [[Text(cell) for cell in row] for row in rows]
    )
    lines = drawn(table, columns)
    told = words_of(lines)
    assert all(len(line.rstrip()) <= columns for line in lines)
    assert words_of([cell for row in rows for cell in row]) <= told


@given(st.lists(words, max_size=30), st.integers(12, 60))
def test_a_sentence_breaks_between_words_and_fills_its_lines(said: list[str], columns: int) -> None:
    lines = drawn(Words(Text(" ".join(said))), columns)
    assert " ".join(lines).split() == said
    assert all(len(line) <= columns for line in lines)
    for line, following in itertools.pairwise(lines):
        assert len(f"{line} {following.split()[0]}") > columns


def test_a_word_that_is_longer_than_a_line_is_left_in_one_piece() -> None:
    assert drawn(Words(Text(f"report {LONG} is there")), 60) == ["report", LONG, "is there"]


def test_a_long_word_in_a_cell_is_left_in_one_piece_too() -> None:
    table = FittingTable("", ("name", "why"), [[Text("a"), Text(f"no such file {LONG} there")]])
    assert drawn(table, 60) == ["a", "  why no such file", f"  {LONG}", "  there"]


def recording(name: str, status: RecordingStatus, reason: str | None) -> RecordingResult:
    statistics = gap_statistics([400, 600]) if status is RecordingStatus.ANALYSED else None
    return RecordingResult(
        name=name,
        group="support",
        status=status,
        reason=reason,
        transcript_id="t-1",
        recording_id=name,
        duplicate_of=None,
        total_utterances=12_345,
        statistics=statistics,
    )


@pytest.mark.parametrize("verdict", [*Verdict, None])
@pytest.mark.parametrize("columns", [60, 80])
def test_the_end_of_a_run_fits_into_the_terminal(verdict: Verdict | None, columns: int) -> None:
    result = CalibrationResult(
        calibration=calibration(verdict, ChooseBy.AUTO),
        recordings=(
            recording("ivr/call.wav", RecordingStatus.ANALYSED, None),
            recording(LONG, RecordingStatus.FAILED, REASON),
        ),
        engine="local",
        written={"report": f"/srv/{LONG}"},
        notes=("a note that is long enough to need another line in a terminal of this width",),
    )
    lines = drawn(render_result(result), columns)
    assert all(len(line.rstrip()) <= columns or LONG in line for line in lines)
    narrow, wide = words_of(lines), words_of(drawn(render_result(result), 400))
    # A paragraph begins with the row's name, without the heading of names.
    assert set(wide) - {"recording", "group"} <= set(narrow)


@pytest.mark.parametrize("columns", [60, 80])
def test_a_command_that_prints_to_a_terminal_breaks_no_word(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "is_terminal", True)
    file = io.StringIO()
    Terminal(file, width=columns).print(f"{REASON} {REASON}", soft_wrap=True)
    assert words_of(file.getvalue().splitlines()) == words_of([REASON, REASON])
    assert all(len(line) <= columns for line in file.getvalue().splitlines())


def test_in_a_file_a_line_stays_a_line() -> None:
    file = io.StringIO()
    Terminal(file, width=60).print(f"{REASON} {REASON}", soft_wrap=True)
    assert file.getvalue() == f"{REASON} {REASON}\n"
