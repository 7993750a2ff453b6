"""A job at the service."""

from dataclasses import dataclass
from typing import Self

from fermata.ledger import Job, JobKey


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that the service has accepted and that is not settled.

    Attributes:
        key: The job.
        name: The recording's name.
        transcript_id: The service's name for the job.
        engine: `assemblyai` or `local`.
        service: The address of the service that has it.
        duration_s: The recording's length; None where unknown.
        is_new: Whether it was submitted just now, and not by an earlier run.
    """

    key: JobKey
    name: str
    transcript_id: str
    engine: str
    service: str | None
    duration_s: float | None
    is_new: bool = False

    @classmethod
    def of(cls, job: Job) -> Self | None:
        """Returns the open job that the ledger knows; None if it was never submitted."""
        if job.transcript_id is None:
            return None
        return cls(job.key, job.name, job.transcript_id, job.engine, job.service, job.duration_s)
