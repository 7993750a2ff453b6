"""Task `watch-drift`: sets a night beside those before, and raises what moved."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact

from config.wiring import presets, storage
from fermata.calibration import Scope, present
from fermata.drift import DriftFinding, DriftState
from fermata.ledger import JobKey
from fermata.report.replayed import shown_name
from fermata.runs.nights import keep_night
from tasks.artifacts import emitted, shown
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

EVENT = "fermata.drift.detected"
ARTIFACT_KEY = "drift"


@task(name="watch-drift", task_run_name="compare with the nights before", **LOCAL_WORK)
def watch_drift(
    run_id: str, night: date, groups: Mapping[JobKey, str], scope: Scope
) -> tuple[DriftFinding, ...]:
    """Keeps the night's figures, shows how it stands, and tells what drifted this night."""
    published = present(storage(), presets(), scope)
    findings = keep_night(run_id, night, groups, published, storage(), scope=scope)
    shown(
        create_table_artifact,
        table=[_row(each) for each in findings],
        key=ARTIFACT_KEY,
        description="Each group's new recordings beside those of the nights before",
    )
    for each in findings:
        if each.state is DriftState.DRIFTED and each.since == night:
            _raise(each)
    return findings


def _raise(finding: DriftFinding) -> None:
    logger.warning("drift in %s, %s: %s", finding.group, finding.measure, finding.saw)
    resource = f"fermata.drift.{finding.measure}"
    names = {"prefect.resource.id": resource, "prefect.resource.name": finding.saw}
    emitted(EVENT, names, _row(finding))


def _row(finding: DriftFinding) -> dict[str, Any]:
    return {
        "group": shown_name(finding.group),
        "measure": finding.measure.value,
        # Nothing can be steady against a level that is not known yet.
        "state": "learning" if finding.usual is None else finding.state.value,
        "since": finding.since.isoformat() if finding.since else None,
        "saw": finding.saw,
        "do": finding.do,
    }
