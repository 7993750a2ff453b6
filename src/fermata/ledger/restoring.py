"""How a job comes back into a ledger that lost it: as the archive and the tables know it."""

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam, null, select, true, update

from fermata.ledger.database import Database
from fermata.ledger.forgotten import without_forgotten
from fermata.ledger.models import Job, JobKey, JobState, Place
from fermata.ledger.rows import in_state, to_row
from fermata.ledger.schema import JOBS

_NOT_SENT = (JobState.PLANNED, JobState.UPLOADED, JobState.FAILED)
_TIMES = ("planned_at", "submitted_at", "settled_at", "tabled_at")


# Many jobs stand where others do, and an enum's member is slow to look up.
@lru_cache
def _place(state: str, batch: str) -> Place:
    return Place(JobState(state), batch)


class LostJobs:
    """Puts back what a ledger has lost, and takes back what the archive has lost."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def places(self) -> dict[JobKey, Place]:
        """Returns how far every job has come, and which batch it is in."""
        columns = (JOBS.c.recording_id, JOBS.c.options_hash, JOBS.c.state, JOBS.c.batch)
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns)).all()
        return {JobKey(recording, options): _place(*place) for recording, options, *place in rows}

    def restore(self, jobs: Iterable[Job]) -> None:
        """Takes in jobs as they are given here, with their times.

        One that is known already stays as it is, unless the ledger is from before it was sent:
        planned, uploaded or failed. Two runs that restore the same leave it once.
        """
        rows = [_row(job) for job in jobs]
        insert = self._database.insert(JOBS)
        replaced = {name: insert.excluded[name] for name in (*_TIMES, *_REPLACED)}
        statement = insert.on_conflict_do_update(
            index_elements=[JOBS.c.recording_id, JOBS.c.options_hash],
            set_={**replaced, "attempted_at": null(), "claim_owner": null(), "claim_until": null()},
            where=in_state(*_NOT_SENT),
        )
        if rows:
            with self._database.writing() as connection:
                if due := without_forgotten(connection, rows):
                    connection.execute(statement, due)

    def fetch_again(self, keys: Iterable[JobKey]) -> None:
        """Takes completed jobs back to submitted, because their archived transcripts are gone.

        They are polled for by their ids then, which costs nothing.
        """
        has_id = JOBS.c.transcript_id.is_not(None)
        again = {"state": JobState.SUBMITTED, "settled_at": null(), "tabled_at": null()}
        self._update_completed(keys, has_id, again)

    def read_again(self, keys: Iterable[JobKey]) -> None:
        """Notes of completed jobs that the tables don't hold what the archive says by now."""
        self._update_completed(keys, true(), {"tabled_at": null()})

    def _update_completed(
        self, keys: Iterable[JobKey], condition: ColumnElement[bool], values: dict[str, object]
    ) -> None:
        statement = (
            update(JOBS)
            .where(
                JOBS.c.recording_id == bindparam("recording"),
                JOBS.c.options_hash == bindparam("options"),
                JOBS.c.state == JobState.COMPLETED,
                condition,
            )
            .values(values)
        )
        rows = [{"recording": key.recording_id, "options": key.options_hash} for key in keys]
        if rows:
            with self._database.writing() as connection:
                connection.execute(statement, rows)


_REPLACED = ("state", "batch", "run_id", "transcript_id", "reason", "permanent")


def _row(job: Job) -> dict[str, object]:
    times = {name: getattr(job, name) for name in _TIMES}
    return {
        **to_row(job),
        "state": job.state,
        "service": job.service,
        "transcript_id": job.transcript_id,
        "reason": job.reason,
        "permanent": job.permanent,
        **{name: None if time is None else time.timestamp() for name, time in times.items()},
    }
