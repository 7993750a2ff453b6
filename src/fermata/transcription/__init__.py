"""From a recording to its archived transcript: submitted once, polled until it is settled."""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.transcription.batch import Batch, Steps
    from fermata.transcription.doubt import DoubtPolicy
    from fermata.transcription.errors import (
        RecordingBusyError,
        SubmissionInDoubtError,
        TranscriptionError,
    )
    from fermata.transcription.open_jobs import OpenJob
    from fermata.transcription.outcomes import Outcome, OutcomeKind, Submission, SubmissionKind
    from fermata.transcription.pace import PollPolicy
    from fermata.transcription.places import Places
    from fermata.transcription.polling import Polling, PollResult, poll
    from fermata.transcription.settling import Settler
    from fermata.transcription.submission import SubmitPolicy, submit_once
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "Batch",
    "DoubtPolicy",
    "OpenJob",
    "Outcome",
    "OutcomeKind",
    "Places",
    "PollPolicy",
    "PollResult",
    "Polling",
    "RecordingBusyError",
    "Settler",
    "Steps",
    "Submission",
    "SubmissionInDoubtError",
    "SubmissionKind",
    "SubmitPolicy",
    "TranscriptionError",
    "poll",
    "submit_once",
]
