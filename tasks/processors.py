"""What runs the tasks that keep a processor busy: threads of this process, or Dask by a setting.

Dask runs them in processes, on this machine or on those of a cluster. The tasks, what they
read and what they write are the same, and so are the results.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from prefect import Task, unmapped
from prefect.futures import PrefectFutureList

from config.logging import set_up_logging
from config.settings import TaskRunner, settings
from config.wiring import whereabouts
from fermata.errors import UsageError
from tasks.policy import thread_pool, unvisited

if TYPE_CHECKING:
    from prefect_dask.task_runners import DaskTaskRunner

_CONNECT_TIMEOUT_S = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Processors:
    """Runs tasks.

    Attributes:
        runner: a Prefect task runner that is started.
        handed: how a large value is handed to it.
    """

    runner: Any
    handed: Callable[[Any], Any]

    def each(
        self, task: Task[..., Any], **values: Sequence[Any] | unmapped
    ) -> PrefectFutureList[Any]:
        """Begins a task for each of some values; what is `unmapped` goes to all of them."""
        return cast("PrefectFutureList[Any]", self.runner.map(task, values))

    def once(self, task: Task[..., T], **values: Any) -> T:
        """Runs a task to its end; its values may be large."""
        handed = {name: self.handed(value) for name, value in values.items()}
        return cast("T", self.runner.submit(task, handed).result())


def _as_it_is(value: T) -> T:
    """Dask takes the mark of `unvisited`, which is a tuple, apart; Prefect visits the value."""
    return value


@contextmanager
def processors() -> Iterator[Processors]:
    """Yields what the settings ask for.

    Raises:
        UsageError: prefect-dask is not installed, no scheduler answers, or the cluster's workers
            have other data than this process.
    """
    if settings().task_runner is TaskRunner.THREADS:
        with thread_pool() as threads:
            yield Processors(threads, unvisited)
        return
    with _dask() as dask:
        _prepare(dask)
        yield Processors(dask, _as_it_is)


def _dask() -> "DaskTaskRunner":
    try:
        # Imported where it is asked for: it is an extra, and takes a second.
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            "FERMATA_TASK_RUNNER: dask needs prefect-dask: pip install 'fermata[dask]'"
        ) from None
    patience = {"timeout": _CONNECT_TIMEOUT_S}
    if address := settings().dask_address:
        return DaskTaskRunner(address=address, client_kwargs=patience)
    return DaskTaskRunner(
        cluster_kwargs={
            "n_workers": settings().dask_workers,
            # Python's own lock would let two threads of a process work one after the other.
            "threads_per_worker": 1,
            "dashboard_address": None,
        },
        client_kwargs=patience,
    )


def _prepare(dask: "DaskTaskRunner") -> None:
    """Reaches the workers, makes them log as this process does, and compares their settings."""
    try:
        client = dask.client
    except OSError as error:
        raise UsageError(
            f"FERMATA_DASK_ADDRESS: no scheduler answers at {settings().dask_address} ({error}); "
            "start one, or leave the variable empty"
        ) from None
    client.run(set_up_logging)
    ours = whereabouts()
    for worker, theirs in client.run(whereabouts).items():
        if theirs != ours:
            raise UsageError(
                f"the Dask worker {worker} has its data at {theirs[0]}, and this run at {ours[0]}; "
                "give both the same FERMATA_DATA_DIR and FERMATA_LEDGER_URL"
            )
