"""Asks for one open job, and settles it in the ledger when it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from fermata.assemblyai.client import AssemblyAIClient, ReceivedTranscript
from fermata.assemblyai.errors import RequestRejectedError, UnknownTranscriptError
from fermata.assemblyai.models import TranscriptStatus
from fermata.assemblyai.options import LOCAL_ENGINE
from fermata.ledger import JobKey, Ledger
from fermata.quoting import quoted
from fermata.transcription.open_jobs import OpenJob
from fermata.transcription.outcomes import Outcome, OutcomeKind

_FAULTS_OF_THE_SERVICE = ("server error", "download error")
"""Texts of failed jobs that say nothing about the audio, so another try may succeed.

All the others that the service documents do: no audio in the file, too short, not decodable
("Transcoding failed" is what it answers to a file that is not audio).
"""

_LOST_AFTER_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class NotYet:
    """The job is not done; `in_work` where the service has begun with it."""

    in_work: bool


@dataclass(frozen=True, slots=True)
class Settler:
    """Brings open jobs to their end; may be used from several threads.

    Attributes:
        client: The service.
        ledger: Where they are settled.
        archive: Keeps a transcript as it was received. Only after it returns is the job
            completed in the ledger.
        at_the_end: Called as soon as the service is known to be done with a job.
    """

    client: AssemblyAIClient
    ledger: Ledger
    archive: Callable[[JobKey, bytes], object]
    at_the_end: Callable[[], object]

    def ask(self, job: OpenJob) -> Outcome | NotYet:
        """Asks for a job once, and settles it if it is done.

        Raises:
            TransientServiceError: The question failed in passing.
            AccountError: The key is wrong, or there is no credit, for every recording.
            LedgerError: The ledger failed.
            Exception: Whatever `archive` raises.
        """
        try:
            received = self.client.transcript(job.transcript_id)
        except UnknownTranscriptError as error:
            return self._unknown(job, error)
        except RequestRejectedError as error:
            self.at_the_end()
            return unfinished(job, str(error))
        match received.answer.status:
            case TranscriptStatus.COMPLETED:
                self.at_the_end()
                return self._completed(job, received)
            case TranscriptStatus.ERROR:
                self.at_the_end()
                text = received.answer.error or "the service gives no reason"
                return self._failed(job, text)
            case status:
                return NotYet(in_work=status is TranscriptStatus.PROCESSING)

    def _completed(self, job: OpenJob, received: ReceivedTranscript) -> Outcome:
        self.archive(job.key, received.raw)
        self.ledger.complete(job.key, job.transcript_id, received.answer.audio_duration)
        return Outcome(job.key, job.name, OutcomeKind.COMPLETED, job.transcript_id, None)

    def _failed(self, job: OpenJob, text: str) -> Outcome:
        permanent = not text.lower().startswith(_FAULTS_OF_THE_SERVICE)
        reason = f"the service could not transcribe it: {quoted(text)}"
        self.ledger.fail(job.key, job.transcript_id, reason, permanent=permanent)
        return _outcome(job, OutcomeKind.FAILED, reason)

    def _unknown(self, job: OpenJob, error: UnknownTranscriptError) -> Outcome:
        """Decides about an id the service doesn't know: only what costs nothing starts again.

        Where it was submitted to this very service, and long enough ago to be out of every cache,
        it is lost: nobody would ever be told of it by asking on.
        """
        self.at_the_end()
        if job.engine == LOCAL_ENGINE:
            self.ledger.plan_again(job.key, job.transcript_id)
            return _outcome(job, OutcomeKind.PLANNED_AGAIN, "the local server has forgotten it")
        # A rebuilt ledger knows the id, and not who gave it.
        here = job.service in (None, self.client.base_url)
        if here and self._is_given_up(job, str(error)):
            return _outcome(job, OutcomeKind.FAILED, _lost(job, str(error)))
        where = job.service or "a service that nobody knows any more"
        return unfinished(
            job,
            f"{error}; it was submitted to {where}, maybe by another account, and is given up "
            f"{_LOST_AFTER_S / 3600:.0f} h after that",
        )

    def _is_given_up(self, job: OpenJob, error: str) -> bool:
        return self.ledger.vanished.give_up(
            job.key, job.transcript_id, _lost(job, error), after_s=_LOST_AFTER_S
        )


def _lost(job: OpenJob, error: str) -> str:
    return (
        f"{error}; given up, since the service no longer has the transcript: to send the recording "
        f"again, and pay for it again, run once with FERMATA_SEND_AGAIN={job.transcript_id}"
    )


def unfinished(job: OpenJob, why: str) -> Outcome:
    """Returns the outcome of a job that is left to a later run."""
    reason = f"{why}; a later run goes on with transcript {job.transcript_id}"
    return _outcome(job, OutcomeKind.UNFINISHED, reason)


def _outcome(job: OpenJob, kind: OutcomeKind, reason: str) -> Outcome:
    return Outcome(job.key, job.name, kind, job.transcript_id, reason)
