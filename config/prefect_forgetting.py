"""Removes from Prefect what it holds of a call: runs, tasks, logs, artifacts, events.

A line of a log cannot be deleted by itself, so a run that speaks of the call goes whole. What it
came to stands in the tables.
"""

import contextlib
import sqlite3
import time
from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from config.prefect_database import local_database, scrub
from config.prefect_events import wait_for_events
from config.prefect_reached import reached_api
from config.prefect_records import RecordsError, reaching
from config.prefect_server import ensure_local_server, running_server
from config.prefect_speaking import artifacts_speaking, runs_speaking
from config.settings import settings
from fermata.forgetting import Left
from fermata.forgetting.speaking import speaking_of

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

_LOGS_DEADLINE_S = 30.0
_LOOK_EVERY_S = 0.1


def delete_records(left: Left) -> int:
    """Deletes the runs that speak of a call, and what stands beside them.

    Returns:
        How many flow runs were deleted.

    Raises:
        RecordsError: the server cannot be asked, or a run that speaks of it is still going on.
    """
    if not (left.traces or left.run_ids):
        return 0
    _bring_up()
    with reaching() as client:
        if client is None:
            return 0
        deleted, going_on = _delete_runs(client, left)
        if _is_local(client):
            if not wait_for_events(client):
                raise RecordsError(
                    "Prefect's server has not written its last events yet: the next `fermata tidy` "
                    "deletes them"
                )
            _scrub(left)
    if going_on:
        raise RecordsError(
            f"{going_on} runs in Prefect that speak of it are still going on: `fermata tidy` "
            "deletes them once they have ended"
        )
    return deleted


def _bring_up() -> None:
    """Starts the local server where it has a database and nobody runs it."""
    if local_database() and reached_api() is None:
        ensure_local_server(settings().prefect_port, lambda: None)


def _is_local(client: "SyncPrefectClient") -> bool:
    server = running_server()
    return server is not None and str(client.api_url).rstrip("/") == server.api_url


def _delete_runs(client: "SyncPrefectClient", left: Left) -> tuple[int, int]:
    """Deletes the runs that have ended; returns how many, and how many have not."""
    speaks = speaking_of(left.traces)
    found = runs_speaking(client, left.traces, speaks) | set(map(UUID, left.run_ids))
    ended = {run for run in found if _has_ended(client, run)}
    going_on = {run for run in found - ended if _is_there(client, run)}
    for run in ended:
        _delete_run(client, run)
    for artifact in artifacts_speaking(client, speaks):
        if artifact.flow_run_id not in going_on:
            _delete_artifact(client, artifact.id)
    _wait_for_logs(client, ended)
    return len(ended), len(going_on)


def _has_ended(client: "SyncPrefectClient", run: UUID) -> bool:
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    try:
        state = client.read_flow_run(run).state
    except ObjectNotFound:
        return False
    return state is not None and state.is_final()


def _is_there(client: "SyncPrefectClient", run: UUID) -> bool:
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    try:
        client.read_flow_run(run)
    except ObjectNotFound:
        return False
    return True


def _delete_run(client: "SyncPrefectClient", run: UUID) -> None:
    from prefect.client.schemas.filters import (  # noqa: PLC0415
        ArtifactFilter,
        ArtifactFilterFlowRunId,
    )
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    own = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run]))
    # Each page is gone once it was read, so the next one is the first again.
    while page := client.read_artifacts(artifact_filter=own):
        for artifact in page:
            _delete_artifact(client, artifact.id)
    with contextlib.suppress(ObjectNotFound):
        client.delete_flow_run(run)


def _delete_artifact(client: "SyncPrefectClient", artifact_id: UUID) -> None:
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    with contextlib.suppress(ObjectNotFound):
        client.delete_artifact(artifact_id)


def _wait_for_logs(client: "SyncPrefectClient", runs: Collection[UUID]) -> None:
    """Waits until the server has deleted the logs, which it does after its answer.

    Raises:
        RecordsError: they are still there; a remote server may take a day.
    """
    from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId  # noqa: PLC0415

    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=list(runs)))
    deadline_s = time.monotonic() + _LOGS_DEADLINE_S
    while runs and client.read_logs(wanted, limit=1):
        if time.monotonic() > deadline_s:
            raise RecordsError(
                "Prefect has not deleted the logs of the deleted runs yet; its vacuum does within "
                "a day"
            )
        time.sleep(_LOOK_EVERY_S)


def _scrub(left: Left) -> None:
    path = local_database()
    if path is None:
        return
    try:
        is_done = scrub(path, speaking_of(left.traces))
    except sqlite3.Error as error:
        raise RecordsError(
            f"{path} could not be written anew ({error}): run `fermata tidy`"
        ) from None
    if not is_done:
        raise RecordsError(
            f"{path} is in use, and may hold bytes of what was deleted until it is written anew: "
            "the next `fermata tidy` does it"
        )
