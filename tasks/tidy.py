"""Task `tidy`: deletes what need not be kept any longer, and merges small table files."""

import logging

from prefect import task

from config.forgetting import places
from config.prefect_records import delete_artifact
from config.upkeep import delete_at_service, planned_tidying
from config.wiring import storage
from fermata.forgetting import finish
from fermata.upkeep import Tidied
from fermata.upkeep import tidy as tidy_up
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="tidy", task_run_name="delete what is kept no longer", **LOCAL_WORK)
def tidy() -> Tidied:
    """Does by the settings what `fermata tidy` does."""
    tidied = tidy_up(planned_tidying(), storage(), delete_at_service(), delete_artifact)
    forgotten = finish(places())
    for line in forgotten.lines:
        logger.info("removed of forgotten calls: %s", line)
    for problem in (*tidied.problems, *forgotten.problems):
        logger.warning("%s", problem)
    logger.info("%s", tidied.summary)
    return tidied
