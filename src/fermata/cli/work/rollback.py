"""Earlier settings in force again."""

import sys

from config.scopes import chosen_scope
from config.wiring import presets, storage
from fermata.calibration import (
    PREVIOUS,
    present,
    read_latest,
    recommendation_changes,
    roll_back,
    short_id,
)
from fermata.cli.asking import answer_to, is_a_person_there
from fermata.thresholds import ALL_GROUPS

_NO_REASON = "no reason was given"


def rollback(run_id: str, *, group: str | None, scope: str, reason: str) -> None:
    """Puts earlier settings in force and says which.

    Args:
        run_id: the run whose settings to go back to; empty for those before the newest.
        group: only this group's settings.
        scope: in which scope; empty for that of the settings.
        reason: why, for the history.
    """
    chosen = chosen_scope(scope)
    before = present(storage(), presets(), chosen)
    if not reason and is_a_person_there():
        reason = answer_to("Why go back? It is kept in the history:")
    record = roll_back(
        storage(),
        presets(),
        run_id or PREVIOUS,
        scope=chosen,
        group=group,
        reason=reason or _NO_REASON,
    )
    after = read_latest(storage(), chosen)
    if record is None:
        sys.stdout.write("Nothing to do: those settings are in force.\n")
        return
    for name, run in record.runs.items():
        whose = "all recordings" if name == ALL_GROUPS else name
        sys.stdout.write(f"{whose}: back to the run {short_id(run)}\n")
    for change in recommendation_changes(before, after) if after else ():
        sys.stdout.write(f"  {change.summary}\n")
