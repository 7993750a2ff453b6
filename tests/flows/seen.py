"""A flow run that ended: what it returned, and what the Prefect server has recorded of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

DEADLINE_S = 120
LOOK_EVERY_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True)
class FlowRun:
    """A flow run that ended: its state, and what it returned or raised."""

    run_id: UUID
    state: Any
    result: Any

    @property
    def message(self) -> str:
        return str(self.state.message)

    @property
    def by_name(self) -> dict[str, Any]:
        return {each.name: each for each in self.result.recordings}

    @property
    def overall(self) -> Any:
        return self.result.calibration.overall

    @property
    def groups(self) -> dict[str, Any]:
        return {each.group: each for each in self.result.calibration.groups}

    @property
    def presets(self) -> dict[str, str]:
        return {name: group.choice.preset for name, group in self.groups.items()}

    def task_runs(self) -> dict[str, Any]:
        """The run's task runs by name, once the server has recorded the last one."""
        return {run.name: run for run in eventually(self._all_recorded)}

    def await_records(self) -> None:
        """Waits until the server has recorded something of a run of another process.

        What that process was about to send as it ended may never come.
        """
        eventually(lambda: self._recorded() or None)

    def artifact(self, key: str) -> Any:
        """The run's artifact of that key."""
        from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

        chosen = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[self.run_id]))
        with prefect_client() as client:
            artifacts = client.read_artifacts(artifact_filter=chosen)
        (found,) = [artifact for artifact in artifacts if artifact.key == key]
        return found

    def _recorded(self) -> list[Any]:
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        chosen = FlowRunFilter(id=FlowRunFilterId(any_=[self.run_id]))
        with prefect_client() as client:
            return list(client.read_task_runs(flow_run_filter=chosen))

    def _all_recorded(self) -> list[Any] | None:
        runs = self._recorded()
        ended = all(run.state and run.state.is_final() for run in runs)
        return runs if ended and any(run.name == "show the result" for run in runs) else None


@contextmanager
def prefect_client() -> Iterator[Any]:
    """A client of the server that this process reports to."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield client


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` finds, once it finds something: Prefect records what happened a bit later."""
    deadline_s = time.monotonic() + DEADLINE_S
    while (found := look()) is None:
        assert time.monotonic() < deadline_s, "Prefect did not record it in time"
        time.sleep(LOOK_EVERY_S)
    return found
