"""Settles a doubt: a submission was sent, or about to be, and nobody knows its answer."""

import logging
import threading
from dataclasses import dataclass
from time import monotonic

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
        upload_margin_s: How much longer ago than the attempt a submission of an upload may have
            been created. An upload's address is used once, so this only has to cover a clock
            that was set in between.
        web_margin_s: The same for a web address, which others may submit too; covers the whole
            seconds of the HTTP `Date` that the time is counted back from, and clocks that drift.
    """

    settle_s: float = 10.0
    look_every_s: float = 2.0
    upload_margin_s: float = 3600.0
    web_margin_s: float = 30.0


def find_accepted(
    key: JobKey,
    audio_url: str,
    *,
    client: AssemblyAIClient,
    ledger: Ledger,
    margin_s: float,
    policy: DoubtPolicy,
    stop: threading.Event,
) -> str | None:
    """Asks the service what became of the last attempt to submit a job.

    Only what was created since the attempt counts, and nothing that another job already has. Of
    several the newest is taken: the others were there before.

    Args:
        key: The job.
        audio_url: The address that was submitted.
        client: The service.
        ledger: Where the attempt was noted.
        margin_s: How much longer ago than the attempt to look back.
        policy: When to believe that there is nothing to be found.
        stop: Ends all waiting when set.

    Returns:
        The accepted transcript's id; None when the attempt was surely not accepted.

    Raises:
        SubmissionInDoubtError: The service refuses to tell.
        ServiceError: The service can't be asked: the doubt remains.
        StoppedError: The run was stopped: the doubt remains.
    """
    begun_s = monotonic()
    while (age_s := ledger.job(key).attempted_ago_s) is not None:
        # The time waited here counts too, should the database's clock have been set back.
        age_s = max(age_s, monotonic() - begun_s)
        listed = _listed(client, audio_url, age_s + margin_s)
        held = ledger.held_transcripts(item.id for item in listed)
        if accepted := [item.id for item in listed if item.id not in held]:
            _logger.info("transcript %s had been accepted before", accepted[-1])
            return accepted[-1]
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
