"""Task `explain`: the run's page, with the pauses that decide."""

import logging

from prefect import task

from config.wiring import storage
from fermata.report.result import CalibrationResult
from fermata.runs.explaining import write_page
from fermata.runs.replaying import RunReplay
from fermata.runs.worklist import Worklist
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="explain", task_run_name="write the report", **LOCAL_WORK)
def explain(result: CalibrationResult, replay: RunReplay, worklist: Worklist) -> str:
    """Writes the run's page below `reports/`; returns where it is."""
    path = storage().uri(write_page(result, replay, worklist, storage()))
    logger.info("report: %s", path)
    return path
