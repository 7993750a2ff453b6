"""Submits a recording once, whoever else tries and whatever breaks on the way."""

import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import BinaryIO

from fermata.assemblyai.client import AssemblyAIClient
from fermata.assemblyai.errors import (
    AccountError,
    ContentError,
    RequestRejectedError,
    StoppedError,
    TransientServiceError,
)
from fermata.assemblyai.options import LOCAL_ENGINE, TranscriptOptions
from fermata.assemblyai.retry import RetryPolicy, surely_not_accepted, with_retries
from fermata.ledger import DEFAULT_LEASE_S, Claim, ClaimLostError, Job, JobKey, JobState, Ledger
from fermata.recordings import Recording, without_secrets
from fermata.transcription.doubt import DoubtPolicy, find_accepted
from fermata.transcription.errors import RecordingBusyError, SubmissionInDoubtError
from fermata.transcription.open_jobs import OpenJob
from fermata.transcription.outcomes import Outcome, OutcomeKind, Submission, SubmissionKind
from fermata.transcription.places import Places

_logger = logging.getLogger(__name__)

_MOST_CLAIMS = 3
"""A claim is lost when this process was halted for long; that does not happen over and over."""


@dataclass(frozen=True, slots=True)
class SubmitPolicy:
    """How patiently a recording is submitted.

    Attributes:
        lease_s: How long a claim outlives a holder that was killed.
        look_every_s: How often to look whether another run's claim has ended.
        busy_s: How long to wait for another run that is alive and holds the claim: as long as
            the largest upload (2.2 GB by the service's limit) takes on a slow line.
        attempts: How often a submission is sent whose answers are lost one after the other.
        retry: How patiently it is sent again after answers which say it was not accepted.
        doubt: When a submission whose answer was lost is believed not to be accepted.
    """

    lease_s: float = DEFAULT_LEASE_S
    look_every_s: float = 1.0
    busy_s: float = 6 * 3600.0
    attempts: int = 3
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    doubt: DoubtPolicy = field(default_factory=DoubtPolicy)


def submit_once(
    recording: Recording,
    options: TranscriptOptions,
    *,
    client: AssemblyAIClient,
    ledger: Ledger,
    open_content: Callable[[str], BinaryIO],
    policy: SubmitPolicy | None = None,
    places: Places | None = None,
    stop: threading.Event | None = None,
) -> Submission | Outcome:
    """Uploads and submits a planned recording, unless that was done before.

    If another run is at it, this call waits for that one's result and joins it. If an earlier
    call was cut off, the service is asked first whether it had accepted the recording.

    Args:
        recording: The recording.
        options: What to ask for; with the recording's id, the job's key.
        client: The service.
        ledger: Where the job was planned.
        open_content: Opens a recording's URI for reading.
        policy: How patiently.
        places: Of which one is waited for and taken before each submission, and given back if it
            is not accepted; as many as one likes unless given.
        stop: Ends all waiting when set.

    Returns:
        The submission, or why there is none. The ledger knows the same.

    Raises:
        TransientServiceError: It may work later; the ledger keeps what was reached.
        AccountError: The key is wrong, or there is no credit, for every recording.
        RecordingBusyError: Another run held the recording for too long.
        LedgerError: The ledger failed, or has never heard of the job.
        StoppedError: The run was stopped.
    """
    policy, stop = policy or SubmitPolicy(), stop or threading.Event()
    places = places or Places(sys.maxsize)
    key = JobKey(recording.recording_id, options.options_hash)
    for _ in range(_MOST_CLAIMS):
        claimed = _claim_or_join(key, ledger, policy, stop)
        if isinstance(claimed, Job):
            return _joined(claimed)
        try:
            with claimed:
                return _Submitter(
                    recording, options, client, ledger, open_content, policy, places, stop, claimed
                ).run()
        except ClaimLostError:
            _logger.warning("%s: another run took over, joining it", recording.name)
    raise RecordingBusyError(
        f"{recording.name}: runs take it from each other all the time: let one run alone"
    )


def _claim_or_join(
    key: JobKey, ledger: Ledger, policy: SubmitPolicy, stop: threading.Event
) -> Claim | Job:
    """Returns the claim, or the job once nobody has to submit it any more."""
    deadline_s = monotonic() + policy.busy_s
    while True:
        if claim := ledger.claim(key, policy.lease_s):
            return claim
        job = ledger.job(key)
        if job.settled or job.state is JobState.SUBMITTED:
            return job
        if monotonic() > deadline_s:
            raise RecordingBusyError(
                f"{job.name}: another run has held it for too long: wait for it, or end it"
            )
        if stop.wait(policy.look_every_s):
            raise StoppedError("stopped while another run submitted; start again to go on")


def _joined(job: Job) -> Submission | Outcome:
    joined = OpenJob.of(job)
    if job.state is JobState.FAILED or joined is None:
        return Outcome(job.key, job.name, OutcomeKind.FAILED, job.transcript_id, job.reason)
    return Submission(joined, SubmissionKind.JOINED)


@dataclass(frozen=True, slots=True)
class _Submitter:
    """Submits one claimed job."""

    recording: Recording
    options: TranscriptOptions
    client: AssemblyAIClient
    ledger: Ledger
    open_content: Callable[[str], BinaryIO]
    policy: SubmitPolicy
    places: Places
    stop: threading.Event
    claim: Claim

    def run(self) -> Submission | Outcome:
        """Goes on from wherever the job was left."""
        try:
            return self._go_on(self.claim.job)
        except SubmissionInDoubtError as error:
            return self._outcome(OutcomeKind.IN_DOUBT, f"in doubt: {error}")
        except RequestRejectedError as error:
            too_large = error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return self._failed(str(error), permanent=too_large)
        except ContentError as error:
            return self._failed(str(error), permanent=False)

    def _go_on(self, job: Job) -> Submission:
        if job.upload_url is None:
            return self._submit(self._upload())
        if job.service != self.client.base_url:
            _raise_if_in_doubt_elsewhere(job)
            return self._submit(self._upload())
        # The ledger has a web address without the secrets that may be in it.
        audio_url = self.recording.uri if self._is_web() else job.upload_url
        if found := self._settle(audio_url):
            return self._accepted(found, SubmissionKind.FOUND)
        return self._submit_known(audio_url)

    def _is_web(self) -> bool:
        return self.recording.size_bytes is None

    def _settle(self, audio_url: str) -> str | None:
        doubt = self.policy.doubt
        return find_accepted(
            self.claim.job.key,
            audio_url,
            client=self.client,
            ledger=self.ledger,
            margin_s=doubt.web_margin_s if self._is_web() else doubt.upload_margin_s,
            policy=doubt,
            stop=self.stop,
        )

    def _upload(self) -> str:
        """Makes the content readable for the service; a web address is so already."""
        recording, service = self.recording, self.client.base_url
        if recording.size_bytes is None:
            self.claim.uploaded(without_secrets(recording.uri), service)
            return recording.uri
        upload_url = self.client.upload(
            partial(self.open_content, recording.uri),
            size_bytes=recording.size_bytes,
            sha256=recording.recording_id,
        )
        self.claim.uploaded(upload_url, service)
        return upload_url

    def _submit_known(self, audio_url: str) -> Submission:
        """Submits what was uploaded earlier; once more from the file if it is gone there."""
        try:
            return self._submit(audio_url)
        except RequestRejectedError as error:
            if not _is_about_the_upload(error):
                raise
            _logger.info("%s: uploading it again (%s)", self.recording.name, error)
            return self._submit(self._upload())

    def _submit(self, audio_url: str) -> Submission:
        """Sends the submission; after a lost answer only if the service never accepted it."""
        for attempt in range(1, self.policy.attempts + 1):
            try:
                send = partial(self._attempt, audio_url)
                transcript_id = with_retries(
                    send, self.policy.retry, self.stop, surely_not_accepted
                )
                return self._accepted(transcript_id, SubmissionKind.SENT)
            except TransientServiceError as error:
                if not error.answer_lost:
                    raise
                if found := self._settle(audio_url):
                    return self._accepted(found, SubmissionKind.FOUND)
                if attempt == self.policy.attempts:
                    self.claim.attempt_refused()
                    raise
        raise AssertionError("attempts is at least one")

    def _attempt(self, audio_url: str) -> str:
        self.places.take()
        try:
            self.claim.attempting()
            return self._send(audio_url)
        except BaseException:
            self.places.give_back()
            raise

    def _send(self, audio_url: str) -> str:
        try:
            return self.client.submit(self.options, audio_url)
        except TransientServiceError as error:
            if not error.answer_lost:
                self.claim.attempt_refused()
            raise
        except (AccountError, RequestRejectedError):
            self.claim.attempt_refused()
            raise

    def _accepted(self, transcript_id: str, kind: SubmissionKind) -> Submission:
        self.claim.submitted(transcript_id)
        job = OpenJob(
            key=self.claim.job.key,
            name=self.recording.name,
            transcript_id=transcript_id,
            engine=self.options.engine,
            service=self.client.base_url,
            duration_s=self.recording.duration_s,
            is_new=kind is SubmissionKind.SENT,
        )
        return Submission(job, kind)

    def _failed(self, reason: str, *, permanent: bool) -> Outcome:
        self.claim.failed(reason, permanent=permanent)
        return self._outcome(OutcomeKind.FAILED, reason)

    def _outcome(self, kind: OutcomeKind, reason: str) -> Outcome:
        return Outcome(self.claim.job.key, self.recording.name, kind, None, reason)


def _raise_if_in_doubt_elsewhere(job: Job) -> None:
    """Refuses to go on where a submission is in doubt at a service that can't be asked here.

    Where nothing is billed there is no doubt: the local engine's port changes every time.
    """
    if job.attempted_ago_s is not None and job.engine != LOCAL_ENGINE:
        raise SubmissionInDoubtError(
            f"a submission to {job.service} was cut off and may have been accepted: "
            "run once with that address to settle it"
        )


def _is_about_the_upload(error: RequestRejectedError) -> bool:
    """Whether the service can't find what was uploaded (403 and texts: its documentation)."""
    return (
        error.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
        or "audio_url" in error.service_text
    )
