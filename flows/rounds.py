"""How one worker gets recordings transcribed: each one's steps are tasks, so that they are seen."""

from dataclasses import replace
from typing import Any

from prefect import runtime
from prefect.futures import PrefectFuture

from config.choices import Engine
from config.services import ServiceAddress, check_service, client_for, speech_service
from config.settings import settings
from config.stopping import stop_signal
from config.wiring import ledger, storage
from fermata.archive import TranscriptArchive
from fermata.ledger import JobKey
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import WorkItem, Worklist
from fermata.tables import RecordingStatus
from fermata.transcription import (
    Batch,
    Outcome,
    OutcomeKind,
    Places,
    Polling,
    PollPolicy,
    Settler,
    Steps,
)
from tasks.policy import doubt_policy, unvisited
from tasks.poll import poll_jobs
from tasks.progress import RunProgress
from tasks.submit import upload_and_submit

# The local server is a few milliseconds away, and the person in front of it is waiting.
_LOCAL_INTERVAL_S = 0.25

Step = PrefectFuture[Any]


def transcribe_here(worklist: Worklist, engine: Engine) -> dict[JobKey, Unsettled]:
    """Does the same as `transcribe` with the service of `engine`, which runs just as long.

    Where there is nothing to transcribe, no service is started or asked.

    Raises:
        UsageError: the service does not answer or does not take the key, or the data folder
            cannot be written.
    """
    progress = RunProgress(
        {item.key: item.recording.duration_s for item in worklist.new}
        | {job.key: job.duration_s for job in worklist.open_jobs}
    )
    if progress.is_complete:
        return {}
    storage().check_writable()
    with speech_service(engine) as service:
        check_service(service)
        return transcribe(worklist, service, progress)


def transcribe(
    worklist: Worklist, service: ServiceAddress, progress: RunProgress
) -> dict[JobKey, Unsettled]:
    """Brings every new and open recording to an end, or says why not.

    Args:
        worklist: what there is to do.
        service: who transcribes.
        progress: told of each recording that is done with.

    Returns:
        The recordings that could not be settled in this run; the ledger and the archive hold
        the others.

    Raises:
        AccountError: the key is wrong, or there is no credit, for every recording.
        StoppedError: the run was stopped.
    """
    places = Places(settings().max_concurrent_recordings)
    polling = _polling(service, places)
    steps: Steps[WorkItem, Step] = Steps(
        submit=lambda item: upload_and_submit.submit(unvisited(item), service, unvisited(places)),
        poll=lambda: poll_jobs.submit(unvisited(polling)),
        result_of=lambda step: step.result(raise_on_failure=False),
        at_once=settings().upload_workers,
    )
    batch = Batch(
        worklist.new,
        worklist.open_jobs,
        steps=steps,
        places=places,
        polling=polling,
        ledger=ledger(),
        on_settled=progress.settled,
        doubt=doubt_policy(),
    )
    return {key: _unsettled(outcome) for key, outcome in batch.run().items()}


def _polling(service: ServiceAddress, places: Places) -> Polling:
    archive = TranscriptArchive(storage())
    stop = stop_signal(runtime.flow_run.id)
    settler = Settler(
        client=client_for(service, stop),
        ledger=ledger(),
        archive=lambda key, raw: archive.write(key.recording_id, key.options_hash, raw),
        at_the_end=places.give_back,
    )
    return Polling(settler, policy=_policy(service), stop=stop)


def _policy(service: ServiceAddress) -> PollPolicy:
    current = settings()
    policy = PollPolicy(interval_s=current.poll_interval_s, deadline_base_s=current.poll_deadline_s)
    if service.engine is Engine.LOCAL:
        return replace(policy, interval_s=min(_LOCAL_INTERVAL_S, policy.interval_s))
    return policy


def _unsettled(outcome: Outcome) -> Unsettled:
    in_doubt = outcome.kind is OutcomeKind.IN_DOUBT
    status = RecordingStatus.IN_DOUBT if in_doubt else RecordingStatus.FAILED
    return Unsettled(outcome.reason or "not settled", outcome.transcript_id, status)
