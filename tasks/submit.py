"""Task `upload-and-submit`: brings one new recording to the service, once and only once."""

import logging
from typing import Any

from prefect import runtime, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from config.services import ServiceAddress, client_for
from config.settings import settings
from config.shared_limits import submissions
from config.stopping import stop_signal
from config.wiring import ledger
from fermata.recordings import open_content
from fermata.runs.worklist import WorkItem
from fermata.transcription import (
    Outcome,
    OutcomeKind,
    Places,
    Submission,
    SubmitPolicy,
    submit_once,
)
from tasks.pace import wait_for_turn
from tasks.policy import OUTSIDE_CALL, doubt_policy

logger = logging.getLogger(__name__)


@task(name="upload-and-submit", task_run_name="upload and submit {item.name}", **OUTSIDE_CALL)
def upload_and_submit(
    item: WorkItem, service: ServiceAddress, places: Places
) -> Submission | State[Any]:
    """Uploads and submits a recording, or joins the run that does; failed if it is refused."""
    stop = stop_signal(runtime.flow_run.id)
    wait_for_turn(submissions(), stop)
    accepted = submit_once(
        item.recording,
        item.options,
        client=client_for(service, stop),
        ledger=ledger(),
        open_content=open_content,
        places=places,
        policy=SubmitPolicy(lease_s=settings().claim_lease_s, doubt=doubt_policy()),
        stop=stop,
    )
    if isinstance(accepted, Outcome) and accepted.kind is OutcomeKind.IN_DOUBT:
        logger.info("%s: %s", item.name, accepted.reason)
        return Completed(name="In doubt", message=accepted.reason, data=accepted)
    if isinstance(accepted, Outcome):
        logger.warning("%s: failed: %s", item.name, accepted.reason)
        return Failed(message=accepted.reason, data=accepted)
    logger.info("%s: %s, transcript %s", item.name, accepted.kind, accepted.transcript_id)
    return accepted
