"""The log of a run as lines in the terminal, with a progress bar below them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from fermata.cli.log_lines import LogLines, handling_log


@contextmanager
def showing_progress(console: Console) -> Iterator[None]:
    """Shows each line that Fermata logs meanwhile; records with counts move the bar.

    A record moves the bar when it has the attributes `done` and `total`.
    """
    columns = (TextColumn("transcribed"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=console, transient=True) as progress,
        handling_log(_ProgressLines(progress)),
    ):
        yield


class _ProgressLines(LogLines):
    """Prints records above a progress bar and moves it."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(
            lambda text, style: progress.console.print(Text(text, style=style), soft_wrap=True)
        )
        self._progress = progress
        self._bar = progress.add_task("transcribed", total=None, visible=False)

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if hasattr(record, "done") and hasattr(record, "total"):
            self._progress.update(
                self._bar, completed=record.done, total=record.total, visible=True
            )
