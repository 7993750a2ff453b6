"""What the ledger keeps: jobs, their keys and states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobState(StrEnum):
    """How far a job has come; it only moves forward, except when it is planned again."""

    PLANNED = "planned"
    UPLOADED = "uploaded"
    SUBMITTED = "submitted"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobKey:
    """What must be billed once: one content with one set of options."""

    recording_id: str
    options_hash: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands.

    Attributes:
        state: How far it has come.
        batch: The partition of the Parquet tables that holds it.
    """

    state: JobState
    batch: str


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job as it is planned.

    Attributes:
        key: The content and the options.
        name: The recording's name, for people.
        uri: Where the recording was found.
        group: The recording's group.
        engine: `assemblyai` or `local`.
        speech_models: The models asked for, in order of preference.
        duration_s: The recording's length; None where unknown.
        channels: The recording's channels; None where unknown.
        batch: The partition of the Parquet tables that will hold it. Only the first
            planning counts: a job never moves to another partition.
        run_id: The run that planned it.
    """

    key: JobKey
    name: str
    uri: str
    group: str
    engine: str
    speech_models: tuple[str, ...]
    duration_s: float | None
    channels: int | None
    batch: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the ledger holds it. All times are UTC by the database's clock.

    Attributes:
        key: The content and the options.
        state: How far it has come.
        name: The recording's name, for people.
        uri: Where the recording was found.
        group: The recording's group.
        engine: `assemblyai` or `local`.
        speech_models: The models asked for, in order of preference.
        duration_s: The recording's length; None where unknown.
        channels: The recording's channels; None where unknown.
        batch: The partition of the Parquet tables that holds it.
        run_id: The run that planned it last.
        service: The address of the service that `upload_url` and `transcript_id` belong to.
        upload_url: The address the service reads the audio from.
        attempted_ago_s: How long ago a submission was about to be sent of which nobody
            knows whether it was accepted; None when there is no such doubt.
        transcript_id: The service's name for the accepted job.
        reason: Why it failed, in one line.
        permanent: Whether trying again cannot help.
        planned_at: When it was first planned.
        submitted_at: When its acceptance was written down.
        settled_at: When it was completed or failed.
        tabled_at: Since when the Parquet tables hold its result.
    """

    key: JobKey
    state: JobState
    name: str
    uri: str
    group: str
    engine: str
    speech_models: tuple[str, ...]
    duration_s: float | None
    channels: int | None
    batch: str
    run_id: str
    service: str | None
    upload_url: str | None
    attempted_ago_s: float | None
    transcript_id: str | None
    reason: str | None
    permanent: bool
    planned_at: datetime
    submitted_at: datetime | None
    settled_at: datetime | None
    tabled_at: datetime | None

    @property
    def settled(self) -> bool:
        """Whether it was completed or failed."""
        return self.state in (JobState.COMPLETED, JobState.FAILED)
