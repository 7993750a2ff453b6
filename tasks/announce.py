"""Task `announce`: tells the server and the reader that other settings are recommended now."""

import logging
from collections.abc import Sequence
from urllib.parse import quote

from prefect import task
from prefect.artifacts import create_markdown_artifact

from fermata.calibration import Change, LatestChoice, Scope
from fermata.report.changed import changes_markdown
from tasks.artifacts import emitted, shown
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

EVENT = "fermata.recommendation.changed"
ARTIFACT_KEY = "recommendation-changed"


@task(name="announce", task_run_name="tell of changed settings", **LOCAL_WORK)
def announce(changes: Sequence[Change], scope: Scope) -> None:
    """Emits an event per changed group and creates one artifact; nothing without a change."""
    if not changes:
        return
    shown(
        create_markdown_artifact,
        markdown=changes_markdown(changes),
        key=ARTIFACT_KEY,
        description=f"{len(changes)} changed",
    )
    for change in changes:
        emitted(EVENT, _resource(change), _payload(change, scope))
        logger.info("recommendation changed: %s", change.summary)


def _resource(change: Change) -> dict[str, str]:
    return {
        # A group is a folder's name, so it may hold what ids must not.
        "prefect.resource.id": f"fermata.group.{quote(change.group, safe='*')}",
        "prefect.resource.name": change.summary,
        "fermata.group": change.group,
    }


def _payload(change: Change, scope: Scope) -> dict[str, str | int | float | None]:
    return {
        "group": change.group,
        "scope": scope.shown,
        **_numbers("old", change.old),
        **_numbers("new", change.new),
        "chosen_by": change.chosen_by.value,
        "reason": change.reason,
        "run_id": change.new.run_id,
    }


def _numbers(when: str, choice: LatestChoice | None) -> dict[str, str | int | float | None]:
    names = (
        *("min_turn_silence_ms", "max_turn_silence_ms"),
        *("end_of_turn_confidence_threshold", "speech_model"),
    )
    return {f"{when}_{name}": getattr(choice, name) if choice else None for name in names}
