"""The log of a run as lines in the terminal, with how far it has come below them."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from fermata.cli.log_lines import LogLines, handling_log
from fermata.report.voices import clock

_BAR_CELLS = 10
_ROOM_FOR_A_BAR = 80
# Where no line can be drawn over, one is added so often at most.
_SAID_EVERY_S = 30.0
_FIRST_GUESS_S = 2.0
_S_PER_MIN = 60
_MIN_PER_H = 60


@contextmanager
def showing_progress(
    console: Console, clock_s: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    """Shows each line that Fermata logs meanwhile, and how far the transcripts have come.

    Records tell that by attributes: `done` and `total` recordings, `done_s` and `total_s` seconds
    of audio, the latter None where the length of one is not known. On a terminal one line is drawn
    over; elsewhere a line is added every half minute at most.

    Args:
        console: where it is shown.
        clock_s: seconds from any moment on.
    """
    if not console.is_terminal:
        with handling_log(_AddedLines(console, clock_s)):
            yield
        return
    with (
        Progress(*_columns(console), console=console, transient=True) as progress,
        handling_log(_DrawnLine(progress, clock_s)),
    ):
        yield


class HowFar:
    """How far the transcripts of a run have come, in words that fit in a line."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        """Begins to measure.

        Args:
            clock_s: seconds from any moment on.
        """
        self._clock_s = clock_s
        self._began_s = clock_s()

    def told(self, record: logging.LogRecord) -> str | None:
        """What a record tells of it; None where it tells nothing."""
        counts = vars(record)
        if "done" not in counts or "total" not in counts:
            return None
        done, total = counts["done"], counts["total"]
        done_s, total_s = counts.get("done_s", 0.0), counts.get("total_s")
        parts = [f"{done:,}/{total:,} transcribed"]
        if total_s:
            parts.append(f"{clock(done_s)}/{clock(total_s)} of audio")
        share = done_s / total_s if total_s else done / max(1, total)
        if left := self._left(share):
            parts.append(left)
        return ", ".join(parts)

    def _left(self, share: float) -> str | None:
        elapsed_s = self._clock_s() - self._began_s
        if not 0 < share < 1 or elapsed_s < _FIRST_GUESS_S:
            return None
        left_min = elapsed_s * (1 - share) / share / _S_PER_MIN
        if left_min < 1:
            return "less than 1 min left"
        if left_min < 2 * _MIN_PER_H:
            return f"about {left_min:.0f} min left"
        return f"about {left_min / _MIN_PER_H:.0f} h left"


def _columns(console: Console) -> Iterator[ProgressColumn]:
    if console.width >= _ROOM_FOR_A_BAR:
        yield BarColumn(bar_width=_BAR_CELLS)
    whole = Column(no_wrap=True, overflow="ellipsis")
    yield TextColumn("{task.fields[told]}", markup=False, table_column=whole)
    yield TimeElapsedColumn()


class _DrawnLine(LogLines):
    """Prints records above a line that is drawn again and again."""

    def __init__(self, progress: Progress, clock_s: Callable[[], float]) -> None:
        super().__init__(
            lambda text, style: progress.console.print(Text(text, style=style), soft_wrap=True)
        )
        self._progress = progress
        self._how_far = HowFar(clock_s)
        self._bar = progress.add_task("", total=None, visible=False, told="")

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if told := self._how_far.told(record):
            counts: dict[str, Any] = vars(record)
            done, total = counts["done"], counts["total"]
            self._progress.update(self._bar, completed=done, total=total, visible=True, told=told)


class _AddedLines(LogLines):
    """Prints records, and now and then a line that says how far it is."""

    def __init__(self, console: Console, clock_s: Callable[[], float]) -> None:
        super().__init__(lambda text, style: console.print(Text(text, style=style), soft_wrap=True))
        self._clock_s = clock_s
        self._how_far = HowFar(clock_s)
        self._said_at_s = clock_s()

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        told = self._how_far.told(record)
        if told and self._clock_s() - self._said_at_s >= _SAID_EVERY_S:
            self._said_at_s = self._clock_s()
            self.say(f"{told} …", "")
