"""Going back to settings that were in force before."""

from collections.abc import Collection, Mapping, Sequence

from fermata.calibration.presets import Presets
from fermata.calibration.publications import Publication, Published, PublishedBy, in_force
from fermata.calibration.record import write_latest
from fermata.calibration.records import Records
from fermata.calibration.scopes import Scope
from fermata.errors import UsageError
from fermata.storage import Storage

PREVIOUS = "previous"
"""In place of a run: what was in force before the newest publication that still is."""


def roll_back(
    storage: Storage,
    presets: Presets,
    run_id: str = PREVIOUS,
    *,
    scope: Scope,
    group: str | None = None,
    reason: str = "",
) -> Publication | None:
    """Puts earlier choices in force again.

    Going back to the previous ones twice leads to where one started, since the first step is
    a publication too.

    Args:
        storage: the data folder.
        presets: say how models take the settings.
        run_id: the run to go back to, by its id or the beginning of it, or `previous` for what
            was in force before the newest publication that still is (for the group, where one
            is named).
        scope: whose settings.
        group: only this group; None for all that the run or that publication names.
        reason: one line on why.

    Returns:
        The record of it; None where all of that is in force already.

    Raises:
        UsageError: there is no such run, group or earlier publication.
        FermataError: a file cannot be read or written.
    """
    records = Records.of(storage, scope)
    found = in_force(records.counted, records.rows)
    if run_id == PREVIOUS:
        wanted = _before_the_newest(records, found, group)
    else:
        run_id = run_beginning_with(run_id, _published_runs(records.counted))
        wanted = _published_in(records.counted, run_id, group)
    changed = {name: run for name, run in wanted.items() if _run_of(found, name) != run}
    record = records.add(storage, changed, PublishedBy.ROLLED_BACK, reason) if changed else None
    write_latest(storage, presets, scope)
    return record


def run_beginning_with(beginning: str, runs: Collection[str]) -> str:
    """The one run whose id begins so; the text itself where none does.

    Raises:
        UsageError: several do.
    """
    if beginning in runs:
        return beginning
    found = sorted(run for run in runs if run.startswith(beginning)) if beginning else []
    if len(found) > 1:
        raise UsageError(f"several runs begin with {beginning}: {', '.join(found)}; name one")
    return found[0] if found else beginning


def _published_runs(counted: Sequence[Publication]) -> set[str]:
    return {run for each in counted for run in each.runs.values()}


def _before_the_newest(
    records: Records, found: Mapping[str, Published], group: str | None
) -> dict[str, str]:
    """By group: the run in force before the newest publication that still is."""
    if group is not None and group not in found:
        known = ", ".join(found) or "none"
        raise UsageError(f"nothing is published for the group {group!r}; there are: {known}")
    watched = found if group is None else {group: found[group]}
    if not watched:
        raise UsageError("nothing was published yet: run `fermata calibrate RECORDINGS` first")
    newest = max(records.counted.index(each.publication) for each in watched.values())
    before = in_force(records.counted[:newest], records.rows)
    wanted = {
        name: before[name].row["run_id"]
        for name, each in watched.items()
        if each.publication == records.counted[newest] and name in before
    }
    if not wanted:
        raise UsageError("there is nothing to go back to: only one choice was published so far")
    return wanted


def _published_in(counted: Sequence[Publication], run_id: str, group: str | None) -> dict[str, str]:
    groups = {name for each in counted for name, run in each.runs.items() if run == run_id}
    if not groups:
        raise UsageError(f"the run {run_id} was never published; `fermata history` lists those")
    if group is None:
        return dict.fromkeys(groups, run_id)
    if group not in groups:
        raise UsageError(
            f"the run {run_id} has no choice for the group {group!r}; "
            f"it has: {', '.join(sorted(groups))}"
        )
    return {group: run_id}


def _run_of(found: Mapping[str, Published], group: str) -> str | None:
    return found[group].row["run_id"] if group in found else None
