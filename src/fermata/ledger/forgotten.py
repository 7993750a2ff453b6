"""Recordings that somebody had forgotten: their ids alone stay, so that none is sent again.

Whatever would bring one back asks here, in the transaction in which it writes.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select

from fermata.ledger.clock import now_s
from fermata.ledger.database import Database
from fermata.ledger.models import Job
from fermata.ledger.rows import in_chunks, select_jobs, to_job
from fermata.ledger.schema import CALIBRATED, FILES, FORGOTTEN, JOBS

_Row = Mapping[str, Any]


_BEGINNING_OF_ID = re.compile("[0-9a-f]{8,64}")


class ForgottenRecordings:
    """Finds recordings in the ledger, erases them, and remembers that they were."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self) -> frozenset[str]:
        """Returns the ids of all recordings that were forgotten."""
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(FORGOTTEN.c.recording_id)))

    def called(self, text: str) -> tuple[Job, ...]:
        """Returns the jobs with this name, address, transcript or id, or whose id begins so.

        Args:
            text: Exactly so, but for an id, of which eight characters will do.
        """
        columns = (JOBS.c.name, JOBS.c.uri, JOBS.c.transcript_id, JOBS.c.recording_id)
        called = [column == text for column in columns]
        if _BEGINNING_OF_ID.fullmatch(text):
            called.append(JOBS.c.recording_id.startswith(text))
        return self._jobs(or_(*called))

    def jobs_of(self, recording_id: str) -> tuple[Job, ...]:
        """Returns all jobs of a recording, whatever they were asked for with."""
        return self._jobs(JOBS.c.recording_id == recording_id)

    def add(self, recording_ids: Iterable[str]) -> None:
        """Notes that these were forgotten, and erases whatever the ledger holds of them."""
        with self._database.writing() as connection:
            for recording_id in sorted(set(recording_ids)):
                row = {"recording_id": recording_id, "forgotten_at": now_s()}
                insert = self._database.insert(FORGOTTEN).values(row)
                connection.execute(insert.on_conflict_do_nothing())
                _erase(connection, recording_id)

    def scrub(self) -> bool:
        """Overwrites what was erased, so that no byte of it stays in an SQLite file.

        Elsewhere the database sees to that by itself (PostgreSQL: its autovacuum).

        Returns:
            Whether it is done; not while another process reads or writes.
        """
        return self._database.scrub()

    def _jobs(self, condition: ColumnElement[bool]) -> tuple[Job, ...]:
        statement = select_jobs().where(condition)
        ordered = statement.order_by(JOBS.c.recording_id, JOBS.c.options_hash)
        with self._database.reading() as connection:
            return tuple(to_job(row) for row in connection.execute(ordered))


def without_forgotten(connection: Connection, rows: Iterable[_Row]) -> list[_Row]:
    """Those of some rows whose recordings were not forgotten."""
    kept = list(rows)
    gone = {
        recording_id
        for ids in in_chunks({row["recording_id"] for row in kept})
        for recording_id in connection.scalars(
            select(FORGOTTEN.c.recording_id).where(FORGOTTEN.c.recording_id.in_(ids))
        )
    }
    return [row for row in kept if row["recording_id"] not in gone] if gone else kept


def _erase(connection: Connection, recording_id: str) -> None:
    for table in (JOBS, CALIBRATED, FILES):
        connection.execute(delete(table).where(table.c.recording_id == recording_id))
