"""The log of a run as lines in the terminal."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOGGERS = ("fermata", "tasks", "flows")

Say = Callable[[str, str], object]
"""Shows a line of text in a style; called from any thread."""


@contextmanager
def handling_log(handler: logging.Handler) -> Iterator[None]:
    """Hands each line that Fermata logs meanwhile to a handler."""
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(handler)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(handler)


class LogLines(logging.Handler):
    """Says each record, warnings in yellow.

    Attributes:
        say: shows a line; may be replaced while it is in use.
    """

    def __init__(self, say: Say) -> None:
        super().__init__(logging.INFO)
        self.say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Says one record."""
        self.say(record.getMessage(), "yellow" if record.levelno >= logging.WARNING else "")
