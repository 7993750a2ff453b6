"""What a run leaves to the next one."""

from dataclasses import dataclass

from fermata.tables.status import RecordingStatus


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Why a recording could not be brought to an end in this run.

    Attributes:
        reason: one line.
        transcript_id: the service's id, where it was submitted; the next run polls it.
        status: `failed`, or `in_doubt` while it is not known whether the service has it.
    """

    reason: str
    transcript_id: str | None
    status: RecordingStatus = RecordingStatus.FAILED
