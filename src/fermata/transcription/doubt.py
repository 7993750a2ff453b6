"""Settles a doubt: a submission was sent, or about to be, and nobody knows its answer."""

import logging
import threading
from dataclasses import dataclass

from fermata.assemblyai.client import AssemblyAIClient
from fermata.assemblyai.errors import RequestRejectedError, StoppedError
from fermata.assemblyai.models import ListedTranscript
from fermata.ledger import JobKey, Ledger
from fermata.transcription.errors import SubmissionInDoubtError

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DoubtPolicy:
    """When a submission that isn't listed is believed never to have been accepted.

    Attributes:
        settle_s: How long after the attempt the service may take to list it. The service says
            nothing about it; this is generous for a request that either arrived or did not.
        look_every_s: The pause between two looks.
        margin_s: How much earlier than the attempt a submission may have been created by the
            service's clock: the HTTP `Date` it is counted back from has whole seconds only.
    """

    settle_s: float = 10.0
    look_every_s: float = 2.0
    margin_s: float = 30.0


def find_accepted(
    key: JobKey,
    audio_url: str,
    *,
    client: AssemblyAIClient,
    ledger: Ledger,
    policy: DoubtPolicy,
    stop: threading.Event,
) -> str | None:
    """Asks the service what became of the last attempt to submit a job.

    An uploaded file's address is unique; a web address may be submitted by others too, so only
    what was created since the attempt counts, and nothing that another job already has.

    Returns:
        The accepted transcript's id; None when the attempt was surely not accepted.

    Raises:
        SubmissionInDoubtError: The service refuses to tell.
        ServiceError: The service can't be asked: the doubt remains.
        StoppedError: The run was stopped: the doubt remains.
    """
    while (age_s := ledger.job(key).attempted_ago_s) is not None:
        listed = _listed(client, audio_url, age_s + policy.margin_s)
        held = ledger.held_transcripts(item.id for item in listed)
        if accepted := [item.id for item in listed if item.id not in held]:
            _logger.info("transcript %s had been accepted before", accepted[0])
            return accepted[0]
        if age_s >= policy.settle_s:
            return None
        if stop.wait(policy.look_every_s):
            raise StoppedError("stopped while a submission was in doubt; start again to go on")
    return None


def _listed(
    client: AssemblyAIClient, audio_url: str, within_s: float
) -> tuple[ListedTranscript, ...]:
    try:
        return client.find_submissions(audio_url, within_s=within_s)
    except RequestRejectedError as error:
        # A refused question is no answer, and must not pass for a refused submission.
        raise SubmissionInDoubtError(
            f"a submission was cut off and may have been accepted, but {error}: try again later"
        ) from error
