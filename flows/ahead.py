"""Tabulating and listening while the service works: the end of a run has little left to do."""

import contextvars
import importlib
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from config.settings import TaskRunner, settings
from config.wiring import ledger, storage
from fermata.archive import TranscriptArchive
from fermata.errors import FermataError
from fermata.ledger import Job, JobKey
from fermata.runs.ahead import ReadAhead
from fermata.runs.worklist import Worklist
from tasks.policy import unvisited

logger = logging.getLogger(__name__)

# A look asks the ledger for what is settled and not in the tables yet.
_LOOK_EVERY_S = 1.0
# So many are looked at to know whether the service has begun.
_FIRST = 50
_NEEDED_AT_THE_END = ("flows.conclusion", "flows.approval", "fermata.report.page.render")


@contextmanager
def tabulating_ahead(worklist: Worklist) -> Iterator[ReadAhead]:
    """Reads transcripts as they settle, writes the batches that are complete, and listens.

    Does so beside the block, in a thread. Where it fails, the run's end does the same again,
    and tells. Dask's workers read for themselves, so nothing is read ahead of them.

    Args:
        worklist: what the run found.

    Yields:
        What was read of batches that are not complete yet.
    """
    ahead = ReadAhead(TranscriptArchive(storage()))
    if settings().task_runner is not TaskRunner.THREADS or not (worklist.new or worklist.open_jobs):
        yield ahead
        return
    over = threading.Event()
    keys = frozenset(item.key for item in worklist.items)
    first = [item.key for item in worklist.new[:_FIRST]]
    # The thread belongs to the flow run, and so do the tasks that it runs and what it logs.
    run = contextvars.copy_context().run
    beside = threading.Thread(target=run, args=(_tabulate, keys, first, ahead, over), daemon=True)
    beside.start()
    try:
        yield ahead
    finally:
        over.set()
        beside.join()


def _tabulate(
    keys: frozenset[JobKey], first: Sequence[JobKey], ahead: ReadAhead, over: threading.Event
) -> None:
    heard: set[JobKey] = set()
    try:
        while not over.wait(_LOOK_EVERY_S):
            # Not before: the first request would wait for what is imported.
            if _is_under_way(first):
                for module in _NEEDED_AT_THE_END:
                    importlib.import_module(module)
                settled = _look(keys, ahead, over)
                _listen(keys, settled, heard, ahead, over)
    except FermataError as error:
        logger.warning("the tables are written at the end of the run (%s)", error)


def _is_under_way(first: Sequence[JobKey]) -> bool:
    """Whether the service has accepted one of the recordings that are sent first."""
    return not first or any(job.submitted_at for job in ledger().jobs(first).values())


def _look(keys: frozenset[JobKey], ahead: ReadAhead, over: threading.Event) -> list[Job]:
    # Late, as what is needed at the end: the first request waits for neither.
    from tasks.gaps import compute_gaps  # noqa: PLC0415

    settled = [job for job in ledger().untabled() if job.key in keys]
    for job in settled:
        if over.is_set():
            return []
        ahead.read(job)
    for batch in sorted({job.batch for job in settled} - ledger().open_batches()):
        if not over.is_set():
            compute_gaps(batch, unvisited(ahead))
    return settled


def _listen(
    keys: frozenset[JobKey],
    settled: Sequence[Job],
    heard: set[JobKey],
    ahead: ReadAhead,
    over: threading.Event,
) -> None:
    """Measures word ends of calls that the quality gates will ask for, each tried once."""
    from fermata.runs.listening import likely_sample, listen_ahead  # noqa: PLC0415 - as above

    sample = likely_sample(keys) - heard
    for job in settled:
        if job.key in sample and not over.is_set():
            heard.add(job.key)
            listen_ahead(ahead.rows_of(job), storage())
