"""Runs that a command started end when they are asked to, with a final state that says so."""

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from httpx import HTTPError
from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Completed

from config.ending import Ending, current_ending
from fermata.assemblyai.errors import StoppedError

logger = logging.getLogger(__name__)

P = ParamSpec("P")

_LOOK_EVERY_S = 3.0
# What waits for a service watches the stop signal; what computes for so long is interrupted.
_PATIENCE_S = 5.0
_CANCELLED = frozenset({StateType.CANCELLING, StateType.CANCELLED})


def stoppable(flow: Callable[P, State[Any]]) -> Callable[P, State[Any]]:
    """Has a flow over recordings end as stopped where its command is asked to end.

    In a process that Prefect started for the run, Prefect's own handling stands.
    """
    return _stoppable(flow, _PATIENCE_S)


def stoppable_session(flow: Callable[P, State[Any]]) -> Callable[P, State[Any]]:
    """The same for a flow that ends by itself once it is told, however long that takes."""
    return _stoppable(flow, None)


def stopped(message: str, data: object) -> State[Any]:
    """The state of a session that was stopped.

    Completed where that was its end. Where somebody cancelled the run, Prefect lets it end as
    cancelled only; the name and the message are the same.
    """
    run_id = runtime.flow_run.id
    if run_id is not None and _is_cancelled(UUID(str(run_id))):
        return Cancelled(name="Stopped", message=message, data=data)
    return Completed(name="Stopped", message=message, data=data)


def _stoppable(flow: Callable[P, State[Any]], patience_s: float | None) -> Callable[P, State[Any]]:
    @wraps(flow)
    def run(*args: P.args, **kwargs: P.kwargs) -> State[Any]:
        ending = current_ending()
        if ending is None:
            return flow(*args, **kwargs)
        if threading.current_thread() is threading.main_thread():
            ending.notice_signals()
        over = threading.Event()
        run_id = UUID(str(runtime.flow_run.id))
        threading.Thread(target=_watch, args=(run_id, ending, over), daemon=True).start()
        try:
            with ending.of_flow(patience_s):
                ending.returned = flow(*args, **kwargs)
        except (KeyboardInterrupt, StoppedError):
            if not ending.is_asked_for:
                raise
            ending.returned = Cancelled(
                name="Stopped", message="interrupted; what it did by then stays"
            )
        finally:
            over.set()
        state: State[Any] = ending.returned
        return state

    return run


def _watch(run_id: UUID, ending: Ending, over: threading.Event) -> None:
    """Looks every few seconds whether somebody cancelled the run in Prefect."""
    while not over.wait(_LOOK_EVERY_S):
        if _is_cancelled(run_id):
            logger.warning("cancelled in Prefect: the run ends")
            ending.because_cancelled()
            return


def _is_cancelled(run_id: UUID) -> bool:
    with contextlib.suppress(HTTPError, ObjectNotFound), get_client(sync_client=True) as client:
        state = client.read_flow_run(run_id).state
        return state is not None and state.type in _CANCELLED
    return False
