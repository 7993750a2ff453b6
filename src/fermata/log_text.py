"""Keeps each log record on a line of its own, whatever the names of files hold."""

import logging
from collections.abc import Iterable


class OneLineFilter(logging.Filter):
    """Writes characters that cannot be printed, such as a line break in a file's name, as escapes.

    A name could otherwise write lines of its own into a log, or steer a terminal. Put it on
    handlers, not on loggers: a logger's filter does not see its children's records.
    """

    def __init__(self, loggers: Iterable[str]) -> None:
        """Looks after the records of these loggers and of their children alone."""
        super().__init__()
        self._loggers = frozenset(loggers)

    def filter(self, record: logging.LogRecord) -> bool:
        """Escapes the record's text in place and lets it pass; a traceback keeps its lines."""
        if record.name.partition(".")[0] not in self._loggers:
            return True
        text = record.getMessage()
        if not text.isprintable():
            record.msg, record.args = _escaped(text), None
        return True


def _escaped(text: str) -> str:
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
