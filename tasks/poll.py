"""Task `poll`: one loop over all open jobs, until few enough are left."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from prefect import runtime, task

from config.choices import Engine
from config.services import ServiceAddress, client_for
from config.settings import settings
from config.stopping import stop_signal
from config.wiring import ledger, storage
from fermata.archive import TranscriptArchive
from fermata.ledger import JobKey, JobState
from fermata.transcription import Outcome, PollPolicy, PollResult, poll
from tasks.policy import OUTSIDE_CALL

logger = logging.getLogger(__name__)

# The local server is a few milliseconds away, and the person in front of it is waiting.
_LOCAL_INTERVAL_S = 0.25


@task(name="poll", task_run_name="poll until at most {until_open} are open", **OUTSIDE_CALL)
def poll_jobs(
    keys: Sequence[JobKey],
    service: ServiceAddress,
    until_open: int,
    on_settled: Callable[[Outcome], None],
) -> PollResult:
    """Asks for the open jobs of these recordings, archives and settles what is done."""
    jobs = ledger().jobs(keys).values()
    archive = TranscriptArchive(storage())
    stop = stop_signal(runtime.flow_run.id)
    result = poll(
        (job for job in jobs if job.state is JobState.SUBMITTED),
        client=client_for(service, stop),
        ledger=ledger(),
        archive=lambda key, raw: archive.write(key.recording_id, key.options_hash, raw),
        until_open=until_open,
        policy=_policy(service),
        on_settled=on_settled,
        stop=stop,
    )
    logger.info("%d settled, %d still open", len(result.settled), len(result.still_open))
    return result


def _policy(service: ServiceAddress) -> PollPolicy:
    current = settings()
    policy = PollPolicy(interval_s=current.poll_interval_s, deadline_base_s=current.poll_deadline_s)
    if service.engine is Engine.LOCAL:
        return replace(policy, interval_s=min(_LOCAL_INTERVAL_S, policy.interval_s))
    return policy
