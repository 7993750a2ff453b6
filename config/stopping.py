"""One stop signal per flow run, so that an interrupted run's threads end at once.

Prefect interrupts only the main thread. What waits in a worker thread (for a service, for
another run's claim) watches this signal instead, which the flow sets as it ends.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_signals: dict[str, threading.Event] = {}


@contextmanager
def stopping_at_end(run_id: str) -> Iterator[None]:
    """Opens a run's signal and sets it when the run ends, however it ends."""
    stop = _signals.setdefault(run_id, threading.Event())
    try:
        yield
    finally:
        stop.set()
        del _signals[run_id]


def stop_signal(run_id: str) -> threading.Event:
    """The signal of a run; in a process that does not hold the flow, one that is never set."""
    return _signals.get(run_id) or threading.Event()


def stop_all_runs() -> None:
    """Sets the signal of every run that this process holds."""
    for stop in list(_signals.values()):
        stop.set()
