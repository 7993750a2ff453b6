"""What became of a recording when it was submitted or polled."""

from dataclasses import dataclass
from enum import StrEnum

from fermata.ledger import JobKey
from fermata.transcription.open_jobs import OpenJob


class SubmissionKind(StrEnum):
    """How a recording came to its transcript's id.

    `SENT`: by this call. `FOUND`: an earlier call had sent it, and the service was asked what
    became of it. `JOINED`: another run had sent it, or sent it meanwhile.
    """

    SENT = "sent"
    FOUND = "found"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Submission:
    """A recording that the service has accepted, once.

    Attributes:
        job: The job at the service.
        kind: How it came to be known.
    """

    job: OpenJob
    kind: SubmissionKind

    @property
    def key(self) -> JobKey:
        """The job's key."""
        return self.job.key

    @property
    def name(self) -> str:
        """The recording's name."""
        return self.job.name

    @property
    def transcript_id(self) -> str:
        """The service's name for the job."""
        return self.job.transcript_id


class OutcomeKind(StrEnum):
    """How a recording ended in this run.

    `COMPLETED`: transcribed, archived. `FAILED`: failed, and the ledger says so.
    `UNFINISHED`: failed for this run only; the ledger keeps its place, and a later run goes on
    from there without submitting again. `IN_DOUBT`: a submission may have been accepted, which
    cannot be known yet; the ledger keeps the doubt, and a later run settles it. `PLANNED_AGAIN`:
    the service, which bills nothing, has forgotten it; it is to be submitted again.
    """

    COMPLETED = "completed"
    FAILED = "failed"
    UNFINISHED = "unfinished"
    IN_DOUBT = "in_doubt"
    PLANNED_AGAIN = "planned_again"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one recording ended in this run.

    Attributes:
        key: The job.
        name: The recording's name.
        kind: How it ended.
        transcript_id: The service's name for the job; None where it was never accepted.
        reason: Why it did not complete, in one line; None if it did.
    """

    key: JobKey
    name: str
    kind: OutcomeKind
    transcript_id: str | None
    reason: str | None
