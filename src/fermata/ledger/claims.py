"""A claim: the right to submit one job, lent for as long as its holder lives."""

import logging
import threading
from types import TracebackType
from typing import Self
from uuid import uuid4

from sqlalchemy import Double, Update, bindparam, null, or_, update

from fermata.ledger.clock import now_s
from fermata.ledger.database import Database
from fermata.ledger.errors import ClaimLostError, LedgerError
from fermata.ledger.models import Job, JobKey, JobState
from fermata.ledger.rows import HAS_KEY, in_state, of_job, select_jobs, to_job
from fermata.ledger.schema import JOBS

_RENEWALS_PER_LEASE = 3

_logger = logging.getLogger(__name__)

_UNSUBMITTED = in_state(JobState.PLANNED, JobState.UPLOADED)
_IS_MINE = JOBS.c.claim_owner == bindparam("mine")
_IS_FREE = or_(JOBS.c.claim_owner.is_(None), JOBS.c.claim_until <= now_s())
_HOLDS = JOBS.c.claim_until > now_s()
_LENT_ANEW = now_s() + bindparam("lease_s", type_=Double())
_GIVEN_BACK = {"claim_owner": null(), "claim_until": null()}

_THE_JOB = select_jobs().where(HAS_KEY)
_TAKE = (
    update(JOBS)
    .where(HAS_KEY, _UNSUBMITTED, _IS_FREE)
    .values(claim_owner=bindparam("mine"), claim_until=_LENT_ANEW)
)
_RENEW = update(JOBS).where(HAS_KEY, _IS_MINE, _HOLDS).values(claim_until=_LENT_ANEW)
_GIVE_BACK = update(JOBS).where(HAS_KEY, _IS_MINE).values(**_GIVEN_BACK)
_UPLOADED = (
    update(JOBS)
    .where(HAS_KEY, _IS_MINE, _UNSUBMITTED)
    .values(
        state=JobState.UPLOADED,
        upload_url=bindparam("new_upload_url"),
        service=bindparam("new_service"),
        attempted_at=null(),
    )
)
_ATTEMPTING = (
    update(JOBS)
    .where(HAS_KEY, _IS_MINE, _HOLDS, JOBS.c.state == JobState.UPLOADED)
    .values(attempted_at=now_s(), claim_until=_LENT_ANEW)
)
_REFUSED = update(JOBS).where(HAS_KEY, _IS_MINE, _UNSUBMITTED).values(attempted_at=null())
_SUBMITTED = (
    update(JOBS)
    .where(HAS_KEY, _UNSUBMITTED)
    .values(
        state=JobState.SUBMITTED,
        transcript_id=bindparam("new_transcript"),
        submitted_at=now_s(),
        **_GIVEN_BACK,
    )
)
_FAILED = (
    update(JOBS)
    .where(HAS_KEY, _IS_MINE, _UNSUBMITTED)
    .values(
        state=JobState.FAILED,
        reason=bindparam("new_reason"),
        permanent=bindparam("new_permanent"),
        settled_at=now_s(),
    )
)


def take_claim(database: Database, key: JobKey, lease_s: float) -> "Claim | None":
    """Claims a job that is planned or uploaded; None if it isn't, or another run holds it."""
    owner = uuid4().hex
    with database.writing() as connection:
        taken = connection.execute(_TAKE, {**of_job(key), "mine": owner, "lease_s": lease_s})
        if taken.rowcount == 0:
            return None
        job = to_job(connection.execute(_THE_JOB, of_job(key)).one())
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
        self._given_back = False
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
        if self._given_back:
            return
        try:
            self._write(_GIVE_BACK)
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
        self._write_or_raise(_UPLOADED, new_upload_url=upload_url, new_service=service)

    def attempting(self) -> None:
        """Notes that a submission is about to be sent; to be called right before it is.

        Raises:
            ClaimLostError: The claim ran out: the submission must not be sent.
        """
        self._write_or_raise(_ATTEMPTING, lease_s=self._lease_s)

    def attempt_refused(self) -> None:
        """Notes that the submission was surely not accepted.

        Raises:
            ClaimLostError: Another run has taken over.
        """
        self._write_or_raise(_REFUSED)

    def submitted(self, transcript_id: str) -> None:
        """Notes that the service accepted the job, which gives the claim back.

        This is true whoever holds the claim by now, so it is written even if it was lost, as
        long as nobody else's submission was accepted.

        Raises:
            ClaimLostError: Another run's submission was accepted too.
        """
        self._write_or_raise(_SUBMITTED, new_transcript=transcript_id)
        self._given_back = True

    def failed(self, reason: str, *, permanent: bool) -> None:
        """Notes that the job can't be submitted.

        Args:
            reason: Why, in one line.
            permanent: Whether trying again in a later run cannot help.

        Raises:
            ClaimLostError: Another run has taken over.
        """
        self._write_or_raise(_FAILED, new_reason=reason, new_permanent=permanent)

    def _write_or_raise(self, statement: Update, **values: object) -> None:
        if not self._write(statement, **values):
            raise ClaimLostError(
                f"{self.job.name}: another run has taken it over; its result will be used"
            )

    def _write(self, statement: Update, **values: object) -> bool:
        whose = {**of_job(self.job.key), "mine": self._owner, **values}
        with self._database.writing() as connection:
            return connection.execute(statement, whose).rowcount == 1

    def _renew_until_left(self) -> None:
        while not self._left.wait(self._lease_s / _RENEWALS_PER_LEASE):
            try:
                held = self._write(_RENEW, lease_s=self._lease_s)
            except LedgerError as trouble:
                _logger.warning("a claim was not renewed, trying again: %s", trouble)
                continue
            if not held:
                _logger.warning("the claim on %s was lost", self.job.name)
                return
