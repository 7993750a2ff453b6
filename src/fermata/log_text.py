"""Keeps each log record on a line of its own, whatever the names of files hold."""

import logging
from collections.abc import Iterable

from fermata.quoting import visible


class OneLineFilter(logging.Filter):
    """Writes what would steer a terminal, such as a line break in a file's name, as escapes.

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
        if (shown := visible(text)) != text:
            record.msg, record.args = shown, None
        return True
