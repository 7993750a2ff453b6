"""Noticing that a run has outlived the program that serves it.

Prefect gives the process of a run a session of its own. Where the serving process alone is
killed, the run goes on and still sends heartbeats, but no cancellation reaches it any more. A
recording is done with soon; a live session is billed by the second, without an end.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

# Set by Prefect in a process that was started for one run, and nowhere else.
_STARTED_FOR_A_RUN = "PREFECT__FLOW_RUN_ID"
_LOOK_EVERY_S = 1.0
_OUTPUTS = (1, 2)


@contextmanager
def stopped_when_orphaned(stop: threading.Event) -> Iterator[None]:
    """Sets `stop` should the process that started this one end before the block does.

    In a process that was not started for a run, such as that of a command, it does nothing:
    who leaves a shell behind may mean to.
    """
    if _STARTED_FOR_A_RUN not in os.environ:
        yield
        return
    over = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(os.getppid(), over, stop), name="orphaned", daemon=True
    )
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _watch(parent: int, over: threading.Event, stop: threading.Event) -> None:
    while not over.wait(_LOOK_EVERY_S):
        if os.getppid() != parent:
            _let_nobody_read()
            stop.set()
            logger.warning(
                "the process that served this run is gone and no cancellation could reach it: "
                "the session is ended"
            )
            return


def _let_nobody_read() -> None:
    """Sends the output nowhere: a pipe that lost its reader would end the run in mid-report."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in _OUTPUTS:
        os.dup2(nowhere, output)
    os.close(nowhere)
