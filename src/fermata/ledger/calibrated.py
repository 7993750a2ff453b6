"""What some calibration rests on already and was asked, so that a killed run leaves no gap."""

from collections.abc import Iterable

from sqlalchemy import and_, exists, func, select

from fermata.ledger.database import Database
from fermata.ledger.models import Job
from fermata.ledger.rows import SAME_MOMENT_S, SETTLED, in_state, select_jobs, to_job
from fermata.ledger.schema import ASKED, CALIBRATED, JOBS


class CalibratedIndex:
    """Remembers by scope of each job as of when it was calibrated, of each group for what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, scope: str, jobs: Iterable[Job]) -> None:
        """Notes that a calibration of the scope rests on these settled jobs, as given here.

        A job that was settled anew in the meantime stays to be calibrated.
        """
        rows = [
            {
                "scope": scope,
                "recording_id": job.key.recording_id,
                "options_hash": job.key.options_hash,
                "settled_at": job.settled_at.timestamp(),
            }
            for job in jobs
            if job.settled_at is not None
        ]
        insert = self._database.insert(CALIBRATED)
        statement = insert.on_conflict_do_update(
            index_elements=[
                CALIBRATED.c.scope,
                CALIBRATED.c.recording_id,
                CALIBRATED.c.options_hash,
            ],
            set_={"settled_at": insert.excluded.settled_at},
        )
        if rows:
            with self._database.writing() as connection:
                connection.execute(statement, rows)

    def keep_asked(self, scope: str, groups: Iterable[str], asked: str) -> None:
        """Notes what the newest calibration of each group of a scope was asked, in one line."""
        rows = [
            {"scope": scope, "recording_group": group, "asked": asked}
            for group in sorted(set(groups))
        ]
        insert = self._database.insert(ASKED)
        statement = insert.on_conflict_do_update(
            index_elements=[ASKED.c.scope, ASKED.c.recording_group],
            set_={"asked": insert.excluded.asked},
        )
        if rows:
            with self._database.writing() as connection:
                connection.execute(statement, rows)

    def asked(self, scope: str) -> dict[str, str]:
        """Returns by group of a scope what its newest calibration was asked."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(ASKED.c.recording_group, ASKED.c.asked).where(ASKED.c.scope == scope)
            )
            return {row.recording_group: row.asked for row in rows}

    def lacking(self, scope: str) -> tuple[Job, ...]:
        """Returns the settled jobs that no calibration of the scope rests on as they are.

        The oldest come first.
        """
        rests_on_it = exists(
            select(1).where(
                and_(
                    CALIBRATED.c.scope == scope,
                    CALIBRATED.c.recording_id == JOBS.c.recording_id,
                    CALIBRATED.c.options_hash == JOBS.c.options_hash,
                    func.abs(CALIBRATED.c.settled_at - JOBS.c.settled_at) < SAME_MOMENT_S,
                )
            )
        )
        statement = select_jobs().where(in_state(*SETTLED), ~rests_on_it)
        ordered = statement.order_by(JOBS.c.planned_at, JOBS.c.recording_id, JOBS.c.options_hash)
        with self._database.reading() as connection:
            return tuple(to_job(row) for row in connection.execute(ordered))
