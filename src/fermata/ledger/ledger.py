"""The ledger itself: every job, how far it has come, and who may move it on."""

from collections.abc import Iterable
from typing import Any, Self

from sqlalchemy import (
    URL,
    ColumnElement,
    Double,
    Select,
    bindparam,
    func,
    null,
    or_,
    select,
    update,
)

from fermata.ledger.calibrated import CalibratedIndex
from fermata.ledger.claims import Claim, take_claim
from fermata.ledger.clock import now_s
from fermata.ledger.database import Database
from fermata.ledger.errors import UnknownJobError
from fermata.ledger.files import FileIndex
from fermata.ledger.forgotten import ForgottenRecordings, without_forgotten
from fermata.ledger.models import Job, JobKey, JobState, PlannedJob
from fermata.ledger.planning import plan_statement
from fermata.ledger.restoring import LostJobs
from fermata.ledger.rows import (
    HAS_KEY,
    SAME_MOMENT_S,
    SETTLED,
    has_key,
    in_chunks,
    in_state,
    of_job,
    select_jobs,
    to_job,
    to_row,
)
from fermata.ledger.schema import JOBS
from fermata.ledger.vanished import VanishedTranscripts

_OPEN = (JobState.PLANNED, JobState.UPLOADED, JobState.SUBMITTED)

DEFAULT_LEASE_S = 30.0

_COMPLETE = (
    update(JOBS)
    .where(
        HAS_KEY,
        JOBS.c.state == JobState.SUBMITTED,
        JOBS.c.transcript_id == bindparam("of_transcript"),
    )
    .values(
        state=JobState.COMPLETED,
        settled_at=now_s(),
        duration_s=func.coalesce(JOBS.c.duration_s, bindparam("service_says_s", type_=Double())),
    )
)


class Ledger:
    """What was planned, sent and billed; may be used from several threads and processes.

    Attributes:
        files: The index which spares reading known files again.
        calibrated: Which settled jobs a calibration rests on, and what it was asked.
        vanished: Jobs whose transcript the service no longer has.
        lost: Brings back jobs that the ledger or the archive has lost.
        forgotten: Recordings that must never come back.
    """

    def __init__(self, url: str | URL) -> None:
        """Opens the ledger, and makes it unless it is there.

        Args:
            url: An SQLAlchemy URL, `sqlite:///...` or `postgresql://...`; for a file see
                `in_file`.

        Raises:
            UsageError: The URL can't be used, or a newer Fermata made the ledger.
            LedgerUnavailableError: The database can't be reached.
        """
        self._database = Database(url)
        self.files = FileIndex(self._database)
        self.calibrated = CalibratedIndex(self._database)
        self.vanished = VanishedTranscripts(self._database)
        self.lost = LostJobs(self._database)
        self.forgotten = ForgottenRecordings(self._database)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes all connections."""
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()

    def plan(self, jobs: Iterable[PlannedJob]) -> None:
        """Plans jobs; of two with the same key the first counts.

        Doing so again changes nothing but names and places, and lets jobs that failed, but not
        for good, start again. Jobs that were submitted or completed stay as they are.
        """
        rows: dict[JobKey, dict[str, object]] = {}
        for job in jobs:
            rows.setdefault(job.key, to_row(job))
        if rows:
            with self._database.writing() as connection:
                if due := without_forgotten(connection, rows.values()):
                    connection.execute(plan_statement(self._database), due)

    def job(self, key: JobKey) -> Job:
        """Returns one job.

        Raises:
            UnknownJobError: It was never planned.
        """
        found = self._select(select_jobs().where(has_key(key)))
        if not found:
            raise UnknownJobError(
                f"recording {key.recording_id[:12]} was never planned: plan it first"
            )
        return found[0]

    def jobs(self, keys: Iterable[JobKey]) -> dict[JobKey, Job]:
        """Returns those of the jobs that were ever planned."""
        wanted = set(keys)
        known: dict[JobKey, Job] = {}
        for ids in in_chunks({key.recording_id for key in wanted}):
            for job in self._select(select_jobs().where(JOBS.c.recording_id.in_(ids))):
                if job.key in wanted:
                    known[job.key] = job
        return known

    def open_jobs(self, engine: str) -> tuple[Job, ...]:
        """Returns the jobs of an engine that are neither completed nor failed, oldest first."""
        return self._select(select_jobs().where(in_state(*_OPEN), JOBS.c.engine == engine))

    def untabled(self) -> tuple[Job, ...]:
        """Returns the settled jobs that the Parquet tables don't hold yet, oldest first."""
        return self._select(select_jobs().where(in_state(*SETTLED), JOBS.c.tabled_at.is_(None)))

    def settled_in(self, batch: str) -> tuple[Job, ...]:
        """Returns the settled jobs of one partition of the Parquet tables, oldest first."""
        return self._select(select_jobs().where(in_state(*SETTLED), JOBS.c.batch == batch))

    def open_batches(self) -> frozenset[str]:
        """Returns the partitions of the Parquet tables in which a job is not settled yet."""
        statement = select(JOBS.c.batch).where(in_state(*_OPEN)).distinct()
        with self._database.reading() as connection:
            return frozenset(connection.scalars(statement))

    def completed(self) -> tuple[Job, ...]:
        """Returns all jobs whose transcripts are archived, oldest first."""
        return self._select(select_jobs().where(JOBS.c.state == JobState.COMPLETED))

    def mark_tabled(self, jobs: Iterable[Job]) -> None:
        """Notes that the Parquet tables hold the results of these jobs, as they are given here.

        A job that was settled anew in the meantime stays untabled.
        """
        rows = [
            {
                "recording": job.key.recording_id,
                "options": job.key.options_hash,
                "settled": job.settled_at.timestamp(),
            }
            for job in jobs
            if job.settled_at is not None
        ]
        statement = (
            update(JOBS)
            .where(
                JOBS.c.recording_id == bindparam("recording"),
                JOBS.c.options_hash == bindparam("options"),
                in_state(*SETTLED),
                func.abs(JOBS.c.settled_at - bindparam("settled")) < SAME_MOMENT_S,
            )
            .values(tabled_at=now_s())
        )
        if rows:
            with self._database.writing() as connection:
                connection.execute(statement, rows)

    def held_transcripts(self, transcript_ids: Iterable[str]) -> frozenset[str]:
        """Returns those of the transcripts that belong to a job of this ledger."""
        with self._database.reading() as connection:
            return frozenset(
                transcript_id
                for ids in in_chunks(transcript_ids)
                for transcript_id in connection.scalars(
                    select(JOBS.c.transcript_id).where(JOBS.c.transcript_id.in_(ids))
                )
            )

    def claim(self, key: JobKey, lease_s: float = DEFAULT_LEASE_S) -> Claim | None:
        """Claims the right to submit a job that is planned or uploaded.

        Args:
            key: The job.
            lease_s: How long the claim outlives a holder that was killed.

        Returns:
            The claim, to be used as a context; None if another run holds it, or if the job
            is in another state.
        """
        return take_claim(self._database, key, lease_s)

    def complete(self, key: JobKey, transcript_id: str, duration_s: float | None) -> bool:
        """Completes a submitted job; its transcript must be archived before.

        Args:
            key: The job.
            transcript_id: The transcript that was archived.
            duration_s: The audio's length by the service, kept where none is known.

        Returns:
            Whether it was this call that completed it.
        """
        said = {**of_job(key), "of_transcript": transcript_id, "service_says_s": duration_s}
        with self._database.writing() as connection:
            return connection.execute(_COMPLETE, said).rowcount == 1

    def fail(self, key: JobKey, transcript_id: str, reason: str, *, permanent: bool) -> bool:
        """Fails a submitted job, because the service did.

        Args:
            key: The job.
            transcript_id: The transcript that failed.
            reason: Why, in one line.
            permanent: Whether trying again in a later run cannot help.

        Returns:
            Whether it was this call that failed it.
        """
        return self._move_submitted(
            key,
            transcript_id,
            state=JobState.FAILED,
            settled_at=now_s(),
            reason=reason,
            permanent=permanent,
        )

    def plan_again(self, key: JobKey, transcript_id: str) -> bool:
        """Takes a submitted job back to planned, because its service has forgotten it.

        Only for services that bill nothing: the job will be submitted again.

        Returns:
            Whether it was this call that took it back.
        """
        return self._move_submitted(
            key,
            transcript_id,
            state=JobState.PLANNED,
            service=null(),
            upload_url=null(),
            attempted_at=null(),
            transcript_id=null(),
            submitted_at=null(),
        )

    def give_up(self, key: JobKey, reason: str) -> bool:
        """Fails a job that could not be submitted in this run; a later run may plan it again.

        A submission that may have been accepted stays in doubt, and is looked up then.

        Returns:
            Whether it is failed now; not if another run holds it or has submitted it.
        """
        free = or_(JOBS.c.claim_owner.is_(None), JOBS.c.claim_until <= now_s())
        return self._move(
            key,
            in_state(JobState.PLANNED, JobState.UPLOADED) & free,
            state=JobState.FAILED,
            settled_at=now_s(),
            reason=reason,
            permanent=False,
        )

    def _move_submitted(self, key: JobKey, transcript: str, **values: object) -> bool:
        is_it = (JOBS.c.state == JobState.SUBMITTED) & (JOBS.c.transcript_id == transcript)
        return self._move(key, is_it, **values)

    def _move(self, key: JobKey, condition: ColumnElement[bool], **values: object) -> bool:
        with self._database.writing() as connection:
            statement = update(JOBS).where(has_key(key), condition).values(**values)
            return connection.execute(statement).rowcount == 1

    def _select(self, statement: Select[Any]) -> tuple[Job, ...]:
        ordered = statement.order_by(JOBS.c.planned_at, JOBS.c.recording_id, JOBS.c.options_hash)
        with self._database.reading() as connection:
            return tuple(to_job(row) for row in connection.execute(ordered))
