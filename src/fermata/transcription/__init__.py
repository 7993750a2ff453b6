"""From a recording to its archived transcript: submitted once, polled until it is settled."""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.transcription.doubt import DoubtPolicy
    from fermata.transcription.errors import (
        RecordingBusyError,
        SubmissionInDoubtError,
        TranscriptionError,
    )
    from fermata.transcription.outcomes import Outcome, OutcomeKind, Submission, SubmissionKind
    from fermata.transcription.pace import PollPolicy
    from fermata.transcription.polling import PollResult, poll
    from fermata.transcription.submission import SubmitPolicy, submit_once
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "DoubtPolicy",
    "Outcome",
    "OutcomeKind",
    "PollPolicy",
    "PollResult",
    "RecordingBusyError",
    "Submission",
    "SubmissionInDoubtError",
    "SubmissionKind",
    "SubmitPolicy",
    "TranscriptionError",
    "poll",
    "submit_once",
]
