"""Task `poll`: asks for all open jobs, until none is left."""

import logging

from prefect import task

from fermata.transcription import Polling, PollResult
from tasks.policy import OUTSIDE_CALL

logger = logging.getLogger(__name__)


@task(name="poll", task_run_name="wait for transcripts", **OUTSIDE_CALL)
def poll_jobs(polling: Polling) -> PollResult:
    """Asks for what was submitted, archives and settles what is done."""
    result = polling.run()
    logger.info("%d settled, %d still open", len(result.settled), len(result.still_open))
    return result
