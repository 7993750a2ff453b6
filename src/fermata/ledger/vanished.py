"""Jobs whose transcript the service no longer has, and how one lets them be sent again."""

from collections.abc import Collection

from sqlalchemy import func, update

from fermata.ledger.clock import now_s
from fermata.ledger.database import Database
from fermata.ledger.models import JobKey, JobState
from fermata.ledger.rows import has_key
from fermata.ledger.schema import JOBS


class VanishedTranscripts:
    """Gives such jobs up, and takes them up again once somebody asks for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give_up(self, key: JobKey, transcript_id: str, reason: str, *, after_s: float) -> bool:
        """Fails a submitted job for good, unless it was submitted lately.

        Args:
            key: The job.
            transcript_id: The transcript that the service does not have.
            reason: Why, in one line.
            after_s: How long ago it must have been submitted.

        Returns:
            Whether it is given up now.
        """
        old_enough = func.coalesce(JOBS.c.submitted_at, 0.0) <= now_s() - after_s
        statement = (
            update(JOBS)
            .where(
                has_key(key),
                JOBS.c.state == JobState.SUBMITTED,
                JOBS.c.transcript_id == transcript_id,
                old_enough,
            )
            .values(state=JobState.FAILED, settled_at=now_s(), reason=reason, permanent=True)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount == 1

    def send_again(self, transcript_ids: Collection[str]) -> int:
        """Lets the next run plan failed jobs again, which is billed again.

        Args:
            transcript_ids: The transcripts that they had.

        Returns:
            How many there are.
        """
        if not transcript_ids:
            return 0
        statement = (
            update(JOBS)
            .where(JOBS.c.state == JobState.FAILED, JOBS.c.transcript_id.in_(transcript_ids))
            .values(permanent=False)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount
