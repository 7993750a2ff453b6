"""Task `compute-gaps`: from archived transcripts to the tables."""

import logging

from prefect import task

from config.wiring import ledger, storage
from fermata.runs.ahead import ReadAhead
from fermata.runs.tabulate import tabulate
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="compute-gaps", task_run_name="compute gaps of {batch}", **LOCAL_WORK)
def compute_gaps(batch: str, read_ahead: ReadAhead | None = None) -> int:
    """Writes the files of a batch from the archive; returns how many recordings they hold."""
    recordings = tabulate(batch, storage(), ledger(), read_ahead)
    logger.info("%s: gaps of %d recordings in the tables", batch, recordings)
    return recordings
