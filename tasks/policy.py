"""How tasks behave: which failures are worth another try, and that nothing is cached.

The HTTP client retries what a moment's patience mends and honours `Retry-After`, which a
task's fixed list of delays cannot. A task retry is for coarse faults above that: a network
that is away for half a minute. Prefect's cache is off everywhere, because it has served
stale answers to polls and its locks outlive a killed process; the ledger knows what is done.
"""

from typing import Any, TypeVar, cast

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from config.settings import settings
from fermata.assemblyai.errors import TransientServiceError
from fermata.transcription import DoubtPolicy

T = TypeVar("T")

# By the next night or a later try by hand it is out of the question that it is merely listed late.
_BELIEVED_AFTER = 5


def thread_pool() -> TaskRunner[PrefectFuture[Any]]:
    """The threads that a flow's tasks run on; Prefect's own default is unbounded.

    One of them polls while the others upload.
    """
    return cast(
        "TaskRunner[PrefectFuture[Any]]",
        ThreadPoolTaskRunner(max_workers=settings().upload_workers + 1),
    )


def doubt_policy() -> DoubtPolicy:
    """How long a submission is looked for whose answer was lost."""
    looks_s = settings().submission_doubt_s
    return DoubtPolicy(run_looks_s=looks_s, believed_s=_BELIEVED_AFTER * looks_s)


def unvisited(value: T) -> T:
    """Hands a large value to a task without Prefect looking for futures in all its parts."""
    return cast("T", quote(value))


def is_transient(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001
    """Whether a failed task is worth running again: only when the fault was a passing one."""
    return isinstance(state.result(raise_on_failure=False), TransientServiceError)


OUTSIDE_CALL: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "persist_result": False,
    "retries": len(settings().task_retry_delays_s),
    "retry_delay_seconds": list(settings().task_retry_delays_s),
    "retry_condition_fn": is_transient,
}
LOCAL_WORK: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
