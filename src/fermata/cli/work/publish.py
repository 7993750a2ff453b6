"""The settings of a run in force, because somebody means it."""

import sys

from config.wiring import presets, storage
from fermata.calibration import (
    PublishedBy,
    calibrated_runs,
    present,
    read_latest,
    recommendation_changes,
    run_beginning_with,
    scope_of_run,
)
from fermata.calibration import publish as put_in_force

_ON_REQUEST = "published on request"


def publish(run_id: str, *, group: str | None, reason: str) -> None:
    """Publishes a run and says what that changed.

    Args:
        run_id: the run, or the beginning of its id.
        group: only this group's settings.
        reason: why, for the history.
    """
    run = run_beginning_with(run_id, calibrated_runs(storage()))
    scope = scope_of_run(storage(), run)
    before = present(storage(), presets(), scope)
    groups = None if group is None else [group]
    scope = put_in_force(
        storage(),
        presets(),
        run,
        by=PublishedBy.APPROVED,
        reason=reason or _ON_REQUEST,
        scope=scope,
        groups=groups,
    )
    after = read_latest(storage(), scope)
    assert after is not None
    changes = recommendation_changes(before, after)
    sys.stdout.write(f"In force for {scope.shown}: the run {run}\n")
    for change in changes:
        sys.stdout.write(f"  {change.summary}\n")
    if not changes:
        sys.stdout.write("  the same settings as before\n")
