"""Nights that were missed while no worker was there: the first that runs makes up for all."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx import HTTPError
from prefect import runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled

logger = logging.getLogger(__name__)


def make_up_for_missed() -> None:
    """Ends the runs of this deployment that its schedule has started and nobody has begun yet.

    What is new is known from the ledger, so this run finds all that they would have found. Runs
    that a person started, and those that were resumed with an answer, keep their turn.
    """
    deployment = runtime.deployment.id
    if deployment is None:
        return
    made_up: State[Any] = Cancelled(
        name="Missed", message=f"made up for by {runtime.flow_run.name}"
    )
    try:
        with get_client(sync_client=True) as client:
            for run in _missed(client, UUID(str(deployment))):
                client.set_flow_run_state(run.id, made_up)
                logger.info("makes up for %s, which was missed", run.name)
    except HTTPError as error:
        # They find nothing new, then; that is no reason not to work.
        logger.warning("missed nights stay in the queue: %s", type(error).__name__)


def _missed(client: SyncPrefectClient, deployment: UUID) -> Iterator[FlowRun]:
    waiting = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    overdue = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
            state=waiting,
            expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)),
        )
    )
    return (run for run in overdue if run.auto_scheduled and not run.run_count)
