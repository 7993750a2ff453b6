"""Keeps secrets out of log records."""

import logging
from collections.abc import Iterable

MASK = "********"
_SHORTEST_SECRET = 6


class RedactingFilter(logging.Filter):
    """Replaces each secret in a record's text and traceback by `MASK`.

    Put it on handlers, not on loggers: a logger's filter does not see its children's records.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Masks `secrets`; a value under six characters is no key and would blot out words."""
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)

    def filter(self, record: logging.LogRecord) -> bool:
        """Masks the record in place and lets it pass."""
        if not self._secrets:
            return True
        text = record.getMessage()
        if (masked := self._mask(text)) != text:
            record.msg, record.args = masked, None
        if record.exc_info:
            record.exc_text = self._mask(logging.Formatter().formatException(record.exc_info))
        return True

    def _mask(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text
