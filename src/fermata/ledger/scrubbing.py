"""Leaves no byte of deleted rows in an SQLite file.

SQLite deletes by marking pages as free, and keeps older versions of pages in its write-ahead log.
`VACUUM` writes the file anew without free pages (https://sqlite.org/lang_vacuum.html), and a
checkpoint of the kind `TRUNCATE` empties the log once nobody reads from it any more
(https://sqlite.org/pragma.html#pragma_wal_checkpoint).
"""

import sqlite3
import time
from typing import Protocol

_TRIES = 5
# A server that writes every few hundred milliseconds leaves gaps between.
_PAUSE_S = 0.25


class Cursor(Protocol):
    """What is asked of a driver's cursor."""

    def execute(self, statement: str, /) -> object: ...  # noqa: D102 - see PEP 249
    def fetchone(self) -> "tuple[int, ...] | None": ...  # noqa: D102 - see PEP 249


def scrub_sqlite(cursor: Cursor) -> bool:
    """Writes the file anew and empties its log; the connection must be in no transaction.

    Returns:
        Whether it is done; not while somebody else reads or writes for too long.

    Raises:
        sqlite3.Error: the database failed.
    """
    for _ in range(_TRIES):
        if _is_scrubbed(cursor):
            return True
        time.sleep(_PAUSE_S)
    return False


def _is_scrubbed(cursor: Cursor) -> bool:
    try:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            return False
        raise
    found = cursor.fetchone()
    return found is not None and found[0] == 0
