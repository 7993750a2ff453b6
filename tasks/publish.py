"""Task `publish`: puts a run's settings in force, and says what that changed."""

import logging
from collections.abc import Collection
from datetime import UTC, datetime

from prefect import task

from config.wiring import presets, storage
from fermata.calibration import (
    Change,
    PublishedBy,
    Scope,
    drop_what_replaced_runs_rest_on,
    present,
    publish,
    read_latest,
    recommendation_changes,
)
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="publish", task_run_name="publish settings", **LOCAL_WORK)
def publish_settings(
    run_id: str, by: PublishedBy, reason: str, scope: Scope, groups: Collection[str]
) -> tuple[Scope, tuple[Change, ...]]:
    """Publishes groups of a run; returns what streaming clients are told otherwise now."""
    before = present(storage(), presets(), scope)
    scope = publish(storage(), presets(), run_id, by=by, reason=reason, scope=scope, groups=groups)
    drop_what_replaced_runs_rest_on(storage(), datetime.now(UTC))
    after = read_latest(storage(), scope)
    changes = recommendation_changes(before, after) if after else ()
    logger.info(
        "published (%s): %s", by, "; ".join(each.summary for each in changes) or "no change"
    )
    return scope, changes
