"""Task `compute-gaps`: from archived transcripts to the tables."""

import logging

from prefect import runtime, task

from config.wiring import ledger, storage
from fermata.runs.ahead import ReadAhead
from fermata.runs.tabulate import tabulate
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

_SHORT_ID = 8


def _run_name() -> str:
    run, _, number = str(runtime.task_run.parameters["batch"]).rpartition("-")
    return f"tabulate transcripts, batch {run[:_SHORT_ID]}-{number}"


@task(name="compute-gaps", task_run_name=_run_name, **LOCAL_WORK)
def compute_gaps(batch: str, read_ahead: ReadAhead | None = None) -> int:
    """Writes the files of a batch from the archive; returns how many recordings they hold."""
    recordings = tabulate(batch, storage(), ledger(), read_ahead)
    logger.info("%s: gaps of %d recordings in the tables", batch, recordings)
    return recordings
