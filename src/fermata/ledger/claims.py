"""A claim: the right to submit one job, lent for as long as its holder lives."""

import logging
import threading
from types import TracebackType
from typing import Self
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, null, or_, update

from fermata.ledger.clock import now_s
from fermata.ledger.database import Database
from fermata.ledger.errors import ClaimLostError, LedgerError
from fermata.ledger.models import Job, JobKey, JobState
from fermata.ledger.rows import has_key, in_state, select_jobs, to_job
from fermata.ledger.schema import JOBS

_RENEWALS_PER_LEASE = 3

_logger = logging.getLogger(__name__)

_UNSUBMITTED = in_state(JobState.PLANNED, JobState.UPLOADED)


def take_claim(database: Database, key: JobKey, lease_s: float) -> "Claim | None":
    """Claims a job that is planned or uploaded; None if it isn't, or another run holds it."""
    owner = uuid4().hex
    free = or_(JOBS.c.claim_owner.is_(None), JOBS.c.claim_until <= now_s())
    with database.writing() as connection:
        taken = connection.execute(
            update(JOBS)
            .where(has_key(key), _UNSUBMITTED, free)
            .values(claim_owner=owner, claim_until=now_s() + lease_s)
        )
        if taken.rowcount == 0:
            return None
        job = to_job(connection.execute(select_jobs().where(has_key(key))).one())
    return Claim(database, job, owner, lease_s)


class Claim:
    """The right to submit one job.

    As a context it renews itself until it is left, and is given back then. A killed holder
    renews nothing, so its claim runs out and another run takes over; what the late holder
    still writes is refused.

    Attributes:
        job: The job as it was when it was claimed.
    """

    def __init__(self, database: Database, job: Job, owner: str, lease_s: float) -> None:
        self.job = job
        self._database = database
        self._owner = owner
        self._lease_s = lease_s
        self._left = threading.Event()
        self._heart = threading.Thread(
            target=self._renew_until_left, name=f"claim-{job.name}", daemon=True
        )

    def __enter__(self) -> Self:
        """Starts to renew itself."""
        self._heart.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Gives the claim back, so that nobody has to wait for it to run out."""
        self._left.set()
        self._heart.join()
        try:
            self._write(self._is_mine(), claim_owner=null(), claim_until=null())
        except LedgerError as trouble:
            _logger.warning("a claim was not given back and will run out by itself: %s", trouble)

    def uploaded(self, upload_url: str, service: str) -> None:
        """Notes the address the service will read the audio from. No submission is in doubt.

        Args:
            upload_url: The address.
            service: The address of the service that it belongs to.

        Raises:
            ClaimLostError: Another run has taken over.
        """
        self._write_or_raise(
            and_(self._is_mine(), _UNSUBMITTED),
            state=JobState.UPLOADED,
            upload_url=upload_url,
            service=service,
            attempted_at=null(),
        )

    def attempting(self) -> None:
        """Notes that a submission is about to be sent; to be called right before it is.

        Raises:
            ClaimLostError: The claim ran out: the submission must not be sent.
        """
        self._write_or_raise(
            and_(
                self._is_mine(),
                JOBS.c.state == JobState.UPLOADED,
                JOBS.c.claim_until > now_s(),
            ),
            attempted_at=now_s(),
            claim_until=now_s() + self._lease_s,
        )

    def attempt_refused(self) -> None:
        """Notes that the submission was surely not accepted.

        Raises:
            ClaimLostError: Another run has taken over.
        """
        self._write_or_raise(and_(self._is_mine(), _UNSUBMITTED), attempted_at=null())

    def submitted(self, transcript_id: str) -> None:
        """Notes that the service accepted the job.

        This is true whoever holds the claim by now, so it is written even if it was lost, as
        long as nobody else's submission was accepted.

        Raises:
            ClaimLostError: Another run's submission was accepted too.
        """
        self._write_or_raise(
            _UNSUBMITTED,
            state=JobState.SUBMITTED,
            transcript_id=transcript_id,
            submitted_at=now_s(),
            claim_owner=null(),
            claim_until=null(),
        )

    def failed(self, reason: str, *, permanent: bool) -> None:
        """Notes that the job can't be submitted.

        Args:
            reason: Why, in one line.
            permanent: Whether trying again in a later run cannot help.

        Raises:
            ClaimLostError: Another run has taken over.
        """
        self._write_or_raise(
            and_(self._is_mine(), _UNSUBMITTED),
            state=JobState.FAILED,
            reason=reason,
            permanent=permanent,
            settled_at=now_s(),
        )

    def _is_mine(self) -> ColumnElement[bool]:
        return JOBS.c.claim_owner == self._owner

    def _write_or_raise(self, condition: ColumnElement[bool], **values: object) -> None:
        if not self._write(condition, **values):
            raise ClaimLostError(
                f"{self.job.name}: another run has taken it over; its result will be used"
            )

    def _write(self, condition: ColumnElement[bool], **values: object) -> bool:
        with self._database.writing() as connection:
            statement = update(JOBS).where(has_key(self.job.key), condition).values(**values)
            return connection.execute(statement).rowcount == 1

    def _renew_until_left(self) -> None:
        while not self._left.wait(self._lease_s / _RENEWALS_PER_LEASE):
            try:
                held = self._write(
                    and_(self._is_mine(), JOBS.c.claim_until > now_s()),
                    claim_until=now_s() + self._lease_s,
                )
            except LedgerError as trouble:
                _logger.warning("a claim was not renewed, trying again: %s", trouble)
                continue
            if not held:
                _logger.warning("the claim on %s was lost", self.job.name)
                return
