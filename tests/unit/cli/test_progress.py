"""How far the transcripts have come: one line on a terminal, now and then one elsewhere."""

import io
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyte
import pytest
from rich.cells import cell_len
from rich.console import Console

from fermata.cli.progress import HowFar, showing_progress

logger = logging.getLogger("fermata.test_progress")


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@contextmanager
def shown(
    columns: int, *, terminal: bool, clock_s: Callable[[], float] = time.monotonic
) -> Iterator[io.StringIO]:
    file = io.StringIO()
    console = Console(
        file=file, width=columns, height=24, force_terminal=terminal, highlight=False, _environ={}
    )
    logger.setLevel(logging.INFO)
    with showing_progress(console, clock_s):
        yield file


def settle(done: int, total: int, done_s: float, total_s: float | None, text: str = "a") -> None:
    counts = {"done": done, "total": total, "done_s": done_s, "total_s": total_s}
    logger.info("%s: transcribed", text, extra=counts)


def record(done: int, total: int, **seconds: float | None) -> logging.LogRecord:
    return logging.makeLogRecord({"done": done, "total": total} | seconds)


def screen(text: str, columns: int) -> list[str]:
    seen = pyte.Screen(columns, 24)
    pyte.Stream(seen).feed(text.replace("\n", "\r\n"))
    return "\n".join(line.rstrip() for line in seen.display).rstrip().split("\n")


def test_it_counts_recordings_and_audio_and_says_what_is_left() -> None:
    clock_s = Clock()
    how_far = HowFar(clock_s)
    assert how_far.told(record(0, 28, done_s=0.0, total_s=4_800.0)) == (
        "0/28 transcribed, 00:00/1:20:00 of audio"
    )
    clock_s.now_s = 120
    assert how_far.told(record(12, 28, done_s=2_050.0, total_s=4_800.0)) == (
        "12/28 transcribed, 34:10/1:20:00 of audio, about 3 min left"
    )
    assert how_far.told(record(28, 28, done_s=4_800.0, total_s=4_800.0)) == (
        "28/28 transcribed, 1:20:00/1:20:00 of audio"
    )


@pytest.mark.parametrize(
    ("elapsed_s", "left"),
    [
        (1, None),
        (30, "less than 1 min left"),
        (600, "about 10 min left"),
        (36_000, "about 10 h left"),
    ],
)
def test_the_time_left_is_told_in_words_once_it_can_be_guessed(
    elapsed_s: float, left: str | None
) -> None:
    clock_s = Clock()
    how_far = HowFar(clock_s)
    clock_s.now_s = elapsed_s
    told = how_far.told(record(5, 10))
    assert told == (f"5/10 transcribed, {left}" if left else "5/10 transcribed")


def test_recordings_of_unknown_length_are_counted_without_seconds() -> None:
    assert HowFar(Clock()).told(record(1, 2, done_s=60.0, total_s=None)) == "1/2 transcribed"


def test_a_record_without_counts_tells_nothing() -> None:
    assert HowFar(Clock()).told(logging.makeLogRecord({"msg": "gaps"})) is None


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_on_a_terminal_one_line_is_drawn_over_and_gone_at_the_end(columns: int) -> None:
    with shown(columns, terminal=True) as file:
        for done in range(3):
            settle(done, 12_345, 1_234.0 * done, 445_500.0, text=f"{done}.wav")
        seen = screen(file.getvalue(), columns)
        assert seen[:3] == [f"{done}.wav: transcribed" for done in range(3)]
        assert len(seen) <= 4
        assert all(cell_len(line) <= columns for line in seen)
    assert screen(file.getvalue(), columns) == [f"{done}.wav: transcribed" for done in range(3)]


def test_the_line_fits_into_sixty_columns_without_a_word_broken() -> None:
    with shown(60, terminal=True) as file:
        settle(12, 28, 2_050.0, 4_800.0)
    assert "12/28 transcribed, 34:10/1:20:00 of audio" in file.getvalue()


def test_elsewhere_a_plain_line_is_added_every_half_minute() -> None:
    clock_s = Clock()
    with shown(80, terminal=False, clock_s=clock_s) as file:
        for done in range(1, 8):
            settle(done, 7, 60.0 * done, 420.0)
            clock_s.now_s += 10
    lines = file.getvalue().splitlines()
    assert "\x1b" not in file.getvalue()
    assert [line for line in lines if "…" in line] == [
        "4/7 transcribed, 04:00/07:00 of audio, less than 1 min left …",
        "7/7 transcribed, 07:00/07:00 of audio …",
    ]
    assert lines.count("a: transcribed") == 7
