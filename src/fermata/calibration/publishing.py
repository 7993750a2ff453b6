"""Putting choices in force, going back to earlier ones, and what was in force when."""

import logging
from collections.abc import Collection, Mapping, Sequence

from fermata.calibration.latest import DamagedChoiceError, LatestChoices, read_latest
from fermata.calibration.presets import Presets
from fermata.calibration.publications import (
    Publication,
    Published,
    PublishedBy,
    Replacement,
    Row,
    in_force,
    replacements,
)
from fermata.calibration.record import latest_of, write_latest
from fermata.calibration.records import Records
from fermata.errors import UsageError
from fermata.storage import Storage
from fermata.thresholds import ALL_GROUPS

logger = logging.getLogger(__name__)

PREVIOUS = "previous"
"""In place of a run: what was in force before the newest publication that still is."""


def publish(
    storage: Storage,
    presets: Presets,
    run_id: str,
    *,
    by: PublishedBy,
    reason: str,
    groups: Collection[str] | None = None,
) -> str:
    """Puts the choices of a run in force, for all its groups or for some.

    What was published once is not published again, so a retry after a crash neither adds a
    second record nor undoes what a person did since; `latest.json` is written anew.

    Args:
        storage: the data folder.
        presets: say how models take the settings.
        run_id: a run of the table `calibrations`.
        by: who decided.
        reason: one line on why.
        groups: only these; None for all that the run has, `*` among them.

    Returns:
        The path of `latest.json` below the data folder.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read or written.
    """
    records = Records.of(storage)
    wanted = _groups_of(run_id, records.rows)
    wanted &= wanted if groups is None else set(groups)
    waiting = wanted - _published_groups(run_id, records)
    if waiting:
        records.add(storage, dict.fromkeys(waiting, run_id), by, reason)
    return write_latest(storage, presets)


def preview(storage: Storage, presets: Presets, run_id: str) -> LatestChoices:
    """What would be in force if a run were published now.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read.
    """
    records = Records.of(storage)
    runs = dict.fromkeys(_groups_of(run_id, records.rows), run_id)
    record = records.next(runs, PublishedBy.AUTOMATIC, "")
    return latest_of((*records.counted, record), records.rows, presets)


def is_newest_by_group(storage: Storage, run_id: str) -> dict[str, bool]:
    """For each group of a run, whether nothing is in force that was chosen later than its own.

    Where something is, to publish the run would go back, unseen by whoever decides on it.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read.
    """
    records = Records.of(storage)
    found = in_force(records.counted, records.rows)
    own = {row["group"]: row["chosen_at"] for row in _rows_of(run_id, records.rows)}
    return {
        group: group not in found or found[group].row["chosen_at"] <= chosen_at
        for group, chosen_at in own.items()
    }


def roll_back(
    storage: Storage,
    presets: Presets,
    run_id: str = PREVIOUS,
    *,
    group: str | None = None,
    reason: str = "",
) -> Publication | None:
    """Puts earlier choices in force again.

    Going back to the previous ones twice leads to where one started, since the first step is
    a publication too.

    Args:
        storage: the data folder.
        presets: say how models take the settings.
        run_id: the run to go back to, or `previous` for what was in force before the newest
            publication that still is (for the group, where one is named).
        group: only this group; None for all that the run or that publication names.
        reason: one line on why.

    Returns:
        The record of it; None where all of that is in force already.

    Raises:
        UsageError: there is no such run, group or earlier publication.
        FermataError: a file cannot be read or written.
    """
    records = Records.of(storage)
    found = in_force(records.counted, records.rows)
    if run_id == PREVIOUS:
        wanted = _before_the_newest(records, found, group)
    else:
        wanted = _published_in(records.counted, run_id, group)
    changed = {name: run for name, run in wanted.items() if _run_of(found, name) != run}
    record = records.add(storage, changed, PublishedBy.ROLLED_BACK, reason) if changed else None
    write_latest(storage, presets)
    return record


def present(storage: Storage, presets: Presets) -> LatestChoices | None:
    """What is in force, for a run that will write `latest.json` anew; None before the first.

    A file that cannot be used is no obstacle to that: the records say the same.

    Raises:
        FermataError: the records cannot be read.
    """
    try:
        return read_latest(storage)
    except DamagedChoiceError as error:
        logger.warning("%s; going by what was published", error)
    records = Records.of(storage)
    if ALL_GROUPS not in in_force(records.counted, records.rows):
        return None
    return latest_of(records.counted, records.rows, presets)


def history(storage: Storage) -> tuple[Publication, ...]:
    """What was published, oldest first, with the runs from before there were records.

    Raises:
        FermataError: a file cannot be read.
    """
    return Records.of(storage).counted


def replaced(storage: Storage) -> tuple[Replacement, ...]:
    """What each publication put in force in place of what, oldest first.

    Raises:
        FermataError: a file cannot be read.
    """
    records = Records.of(storage)
    return tuple(replacements(records.counted, records.rows))


def runs_in_force(storage: Storage) -> dict[str, str]:
    """The run whose choice is in force, by group.

    Raises:
        FermataError: a file cannot be read.
    """
    records = Records.of(storage)
    found = in_force(records.counted, records.rows)
    return {group: each.row["run_id"] for group, each in sorted(found.items())}


def _groups_of(run_id: str, rows: Sequence[Row]) -> set[str]:
    return {row["group"] for row in _rows_of(run_id, rows)}


def _rows_of(run_id: str, rows: Sequence[Row]) -> list[Row]:
    own = [row for row in rows if row["run_id"] == run_id]
    if not own:
        raise UsageError(f"no calibration of the run {run_id}; `fermata history` lists them")
    return own


def _published_groups(run_id: str, records: Records) -> set[str]:
    """The groups for which a run was published; to have been gone back to is not that."""
    return {
        group
        for each in records.counted
        if each.by is not PublishedBy.ROLLED_BACK
        for group, run in each.runs.items()
        if run == run_id
    }


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
