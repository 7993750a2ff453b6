"""Task `report`: shows a run in the Prefect UI, as a table and as a summary."""

import logging
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from fermata.calibration import GroupCalibration
from fermata.report.histogram import Bin
from fermata.report.markdown import summary_markdown
from fermata.report.result import CalibrationResult
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

TABLE_KEY = "calibration"
SUMMARY_KEY = "calibration-summary"


@task(name="report", task_run_name="report", **LOCAL_WORK)
def report(result: CalibrationResult, bins: tuple[Bin, ...]) -> None:
    """Creates the run's table and summary artifacts."""
    calibration = result.calibration
    rows = [_row(group) for group in (*calibration.groups, calibration.overall)]
    create_table_artifact(table=rows, key=TABLE_KEY, description=result.summary)
    create_markdown_artifact(
        markdown=summary_markdown(result, bins), key=SUMMARY_KEY, description=result.summary
    )
    logger.info("%s", result.summary)


def _row(group: GroupCalibration) -> dict[str, Any]:
    gaps = group.statistics
    return {
        "group": group.group,
        "analysed": f"{group.recordings_analysed} of {group.recordings_found}",
        "gaps": group.total_gaps,
        "average gap (ms)": round(gaps.average_gap_ms) if gaps else None,
        "median gap (ms)": round(gaps.median_gap_ms) if gaps else None,
        "p90 gap (ms)": round(gaps.p90_gap_ms) if gaps else None,
        "variability": group.variability,
        "preset": group.choice.title,
        "min turn silence (ms)": group.choice.min_turn_silence_ms,
        "max turn silence (ms)": group.choice.max_turn_silence_ms,
    }
