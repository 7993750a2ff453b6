"""Runs of other workers that transcribe a part of a batch: starting, watching, withdrawing them."""

import logging
from typing import cast
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Cancelling

from config.choices import Engine
from fermata.errors import UsageError

logger = logging.getLogger(__name__)


def start_chunk(deployment: str, path: str, engine: Engine, name: str) -> UUID:
    """Starts a run that transcribes a part, on whichever worker takes it; returns its id.

    Args:
        deployment: `flow/deployment`.
        path: the part's file below the data folder.
        engine: who transcribes.
        name: the run's name.

    Raises:
        UsageError: there is no such deployment.
    """
    try:
        run = cast(
            "FlowRun",
            run_deployment(
                deployment,
                parameters={"chunk": path, "engine": engine.value},
                flow_run_name=name,
                timeout=0,
            ),
        )
    except ObjectNotFound:
        raise UsageError(
            f"FERMATA_CHUNK_DEPLOYMENT: there is no deployment {deployment}; deploy it, "
            "or leave the variable empty"
        ) from None
    return run.id


def state_of(run_id: UUID) -> State[object] | None:
    """The state of a run; None where the server cannot be asked just now."""
    try:
        with get_client(sync_client=True) as client:
            return client.read_flow_run(run_id).state
    except Exception as error:  # noqa: BLE001 - a server that restarts fails in many ways
        logger.warning("the Prefect server could not be asked (%s); going on", error)
        return None


def withdraw(run_id: UUID) -> None:
    """Takes a run back: one that waits never begins, one that runs is ended by its worker."""
    try:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(run_id).state
            if state is None or state.is_final():
                return
            waits = state.type is StateType.SCHEDULED
            wanted = Cancelled if waits else Cancelling
            client.set_flow_run_state(run_id, wanted(message="no longer needed"))
    except Exception as error:  # noqa: BLE001 - as above; the ledger keeps both from billing twice
        logger.warning("run %s could not be withdrawn (%s)", run_id, error)
