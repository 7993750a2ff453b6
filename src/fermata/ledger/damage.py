"""Which faults of a database mean that it is damaged, and no patience will mend it."""

import sqlite3

_TORN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF
_NOT_OURS = ("no such table", "no such column", "has no column named")
_UNDEFINED = frozenset({"42P01", "42703"})
"""PostgreSQL's codes for a table and a column that are not there."""


def is_damage(cause: BaseException) -> bool:
    """Whether a driver's error says that the file is torn, or lacks tables or columns."""
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE
        return code in _TORN or any(text in str(cause) for text in _NOT_OURS)
    return getattr(cause, "sqlstate", None) in _UNDEFINED
