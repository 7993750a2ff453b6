"""Earlier settings in force again."""

import sys

from config.wiring import presets, storage
from fermata.calibration import PREVIOUS, present, read_latest, recommendation_changes, roll_back
from fermata.thresholds import ALL_GROUPS


def rollback(run_id: str, *, group: str | None, reason: str) -> None:
    """Puts earlier settings in force and says which.

    Args:
        run_id: the run whose settings to go back to; empty for those before the newest.
        group: only this group's settings.
        reason: why, for the history.
    """
    before = present(storage(), presets())
    record = roll_back(storage(), presets(), run_id or PREVIOUS, group=group, reason=reason)
    after = read_latest(storage())
    if record is None:
        sys.stdout.write("Nothing to do: those settings are in force.\n")
        return
    for name, run in record.runs.items():
        whose = "all recordings" if name == ALL_GROUPS else name
        sys.stdout.write(f"{whose}: back to the run {run}\n")
    for change in recommendation_changes(before, after) if after else ():
        sys.stdout.write(f"  {change.summary}\n")
