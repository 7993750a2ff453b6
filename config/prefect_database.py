"""The SQLite file of the local Prefect server, for what its API cannot delete.

Prefect has no request that deletes events, which repeat the names of runs, and SQLite leaves the
bytes of deleted rows in its file. So both are seen to here, where the file is this machine's own;
on another server events go by themselves after `PREFECT_SERVER_EVENTS_RETENTION_PERIOD`.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from config.prefect_server import server_home
from config.prefect_spawning import NAMES_OF_A_DATABASE
from fermata.forgetting.speaking import Speaks
from fermata.ledger.scrubbing import scrub_sqlite

_FILE = "prefect.db"
_BUSY_TIMEOUT_S = 60.0
_SPOKEN_IN = {
    "events": ("resource_id", "resource", "related", "payload"),
    "event_resources": ("resource_id", "resource"),
}


def local_database() -> Path | None:
    """The local server's database, if it has one in a file of its folder."""
    if any(os.environ.get(name) for name in NAMES_OF_A_DATABASE):
        return None
    path = server_home() / _FILE
    return path if path.is_file() else None


def scrub(path: Path, speaks: Speaks) -> bool:
    """Deletes the events that speak of a call, and the bytes of all that was deleted.

    Returns:
        Whether it is done; not while the server is at it without a pause.

    Raises:
        sqlite3.Error: the database cannot be written.
    """
    with closing(
        sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    ) as connection:
        connection.create_function("speaks", 1, lambda text: speaks(str(text or "")))
        for table, columns in _SPOKEN_IN.items():
            spoken = " OR ".join(f"speaks({column})" for column in columns)
            connection.execute(f"DELETE FROM {table} WHERE {spoken}")  # noqa: S608 - all ours
        return scrub_sqlite(connection.cursor())
