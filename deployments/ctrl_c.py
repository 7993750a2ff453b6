"""Ctrl-C while `make serve` starts: one line, from the first import on.

Imports nothing that takes a while, for it comes before whatever does.
"""

import signal
import sys
from types import FrameType
from typing import NoReturn

_EXIT_INTERRUPTED = 130
_LINE = "fermata: interrupted before it served anything; `make stop` ends the Prefect server\n"


def end_in_one_line() -> None:
    """Lets Ctrl-C end this process with one line, and a second one at once."""
    signal.signal(signal.SIGINT, _end)


def ask_to_end_in_good_order() -> None:
    """Leaves Ctrl-C to what serves from now on, which ends its runs first."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - Python's
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stderr.write(_LINE)
    sys.exit(_EXIT_INTERRUPTED)
