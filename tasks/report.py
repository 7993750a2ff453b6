"""Task `report`: shows a run in the Prefect UI: its table, its summary, the way to its report."""

import logging
from typing import Any

from prefect import task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)

from config.reports import how_to_open, report_link
from fermata.calibration import Choice, GroupCalibration
from fermata.report.headline import headline
from fermata.report.histogram import Bin
from fermata.report.markdown import summary_markdown
from fermata.report.replayed import shown_name, verdict
from fermata.report.result import CalibrationResult
from fermata.runs.pages import page_path
from tasks.artifacts import shown
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

TABLE_KEY = "calibration"
SUMMARY_KEY = "calibration-summary"
LINK_KEY = "calibration-report"


@task(name="report", task_run_name="show the result", **LOCAL_WORK)
def report(result: CalibrationResult, bins: tuple[Bin, ...]) -> None:
    """Creates the table, the summary, and a link to the report where one is served."""
    calibration, run_id = result.calibration, result.calibration.run_id
    rows = [_row(group) for group in (*calibration.groups, calibration.overall)]
    shown(create_table_artifact, table=rows, key=TABLE_KEY, description=headline_of(result))
    shown(
        create_markdown_artifact,
        markdown=summary_markdown(result, bins, how_to_open(_page(result), run_id)),
        key=SUMMARY_KEY,
        description=headline_of(result),
    )
    if link := report_link(_page(result)):
        shown(
            create_link_artifact,
            link=link,
            link_text=f"Report of run {run_id}",
            key=LINK_KEY,
            description=headline_of(result),
        )
    logger.info("%s", result.summary)


def _page(result: CalibrationResult) -> str:
    return page_path(result.calibration.chosen_at, result.calibration.run_id)


def _pair(choice: Choice) -> str:
    return f"{choice.min_turn_silence_ms} / {choice.max_turn_silence_ms}"


def headline_of(result: CalibrationResult) -> str:
    """What was chosen, by which rule, and what became of the recordings, in a line."""
    return f"{headline(result.calibration.overall)}; {result.summary}"


# Few and short: a wider table scrolls sideways in the UI.
def _row(group: GroupCalibration) -> dict[str, Any]:
    gaps = group.statistics
    return {
        "group": shown_name(group.group),
        "analysed": f"{group.recordings_analysed} of {group.recordings_found}",
        "gap (ms)": round(gaps.average_gap_ms) if gaps else None,
        "chosen (ms)": _pair(group.choice),
        "by": group.choice.chosen_by.value,
        "guide's rule": group.guide.title,
        "replay": verdict(group.replayed.advice) if group.replayed else None,
    }
