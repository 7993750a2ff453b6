"""Putting choices in force, and what was in force when."""

import logging
from collections.abc import Collection, Sequence

from fermata.calibration.latest import DamagedChoiceError, LatestChoices, read_latest
from fermata.calibration.presets import Presets
from fermata.calibration.publications import (
    Publication,
    PublishedBy,
    Replacement,
    Row,
    in_force,
    replacements,
)
from fermata.calibration.record import latest_of, write_latest
from fermata.calibration.records import Records
from fermata.calibration.scopes import Scope, claim, main_scope, placed, scope_named
from fermata.errors import UsageError
from fermata.storage import Storage
from fermata.tables.calibrations import CALIBRATIONS
from fermata.tables.small import read_rows
from fermata.thresholds import ALL_GROUPS

logger = logging.getLogger(__name__)

NOTHING_ANALYSED = "nothing was analysed"
"""Why a run, or a group of it, is not published."""

NOTHING_FOR_ALL = (
    "nothing is in force for all recordings yet, so a single group cannot be: "
    "publish a run over all of them first"
)
"""Why a group is not published before anything else was."""


def publish(
    storage: Storage,
    presets: Presets,
    run_id: str,
    *,
    by: PublishedBy,
    reason: str,
    scope: Scope | None = None,
    groups: Collection[str] | None = None,
) -> Scope:
    """Puts the choices of a run in force, for all its groups or for some.

    What was published once is not published again, so a retry after a crash neither adds a
    second record nor undoes what a person did since; `latest.json` is written anew. A group
    without a single gap to go by is left out.

    Args:
        storage: the data folder.
        presets: say how models take the settings.
        run_id: a run of the table `calibrations`.
        by: who decided.
        reason: one line on why.
        scope: what the run belongs to; None for the main scope.
        groups: only these; None for all that the run has, `*` among them.

    Returns:
        The scope, with the folder that its settings stand in.

    Raises:
        UsageError: the table has no such run, nothing of it was analysed, or a group would be
            published where nothing is for all recordings.
        FermataError: a file cannot be read or written.
    """
    scope = main_scope(storage) if scope is None else placed(storage, scope)
    records = Records.of(storage, scope)
    wanted = _analysed_groups(run_id, records.rows)
    wanted &= wanted if groups is None else set(groups)
    waiting = wanted - _published_groups(run_id, records)
    found = in_force(records.counted, records.rows)
    if not found.keys() | waiting:
        raise UsageError(f"{NOTHING_ANALYSED} in the run {run_id}, so nothing is published")
    if waiting and ALL_GROUPS not in found.keys() | waiting:
        raise UsageError(NOTHING_FOR_ALL)
    if waiting:
        scope = claim(storage, scope)
        Records.of(storage, scope).add(storage, dict.fromkeys(waiting, run_id), by, reason)
    write_latest(storage, presets, scope)
    return scope


def preview(
    storage: Storage,
    presets: Presets,
    run_id: str,
    scope: Scope,
    groups: Collection[str] | None = None,
) -> LatestChoices | None:
    """What would be in force if a run were published now; None where nothing would be.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read.
    """
    records = Records.of(storage, scope)
    wanted = _analysed_groups(run_id, records.rows)
    wanted &= wanted if groups is None else set(groups)
    if ALL_GROUPS not in in_force(records.counted, records.rows).keys() | wanted:
        return None
    record = records.next(dict.fromkeys(wanted, run_id), PublishedBy.AUTOMATIC, "")
    return latest_of((*records.counted, record), records.rows, presets)


def is_newest_by_group(storage: Storage, run_id: str, scope: Scope) -> dict[str, bool]:
    """For each group of a run, whether nothing is in force that was chosen later than its own.

    Where something is, to publish the run would go back, unseen by whoever decides on it.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read.
    """
    records = Records.of(storage, scope)
    found = in_force(records.counted, records.rows)
    own = {row["group"]: row["chosen_at"] for row in rows_of_run(run_id, records.rows)}
    return {
        group: group not in found or found[group].row["chosen_at"] <= chosen_at
        for group, chosen_at in own.items()
    }


def present(storage: Storage, presets: Presets, scope: Scope) -> LatestChoices | None:
    """What is in force in a scope, for a run that may write `latest.json` anew; else None.

    A file that cannot be used is no obstacle to that: the records say the same.

    Raises:
        FermataError: the records cannot be read.
    """
    try:
        return read_latest(storage, scope)
    except DamagedChoiceError as error:
        logger.warning("%s; going by what was published", error)
    records = Records.of(storage, scope)
    if ALL_GROUPS not in in_force(records.counted, records.rows):
        return None
    return latest_of(records.counted, records.rows, presets)


def history(storage: Storage, scope: Scope) -> tuple[Publication, ...]:
    """What was published, oldest first, with the runs from before there were records.

    Raises:
        FermataError: a file cannot be read.
    """
    return Records.of(storage, scope).counted


def replaced(storage: Storage, scope: Scope) -> tuple[Replacement, ...]:
    """What each publication put in force in place of what, oldest first.

    Raises:
        FermataError: a file cannot be read.
    """
    records = Records.of(storage, scope)
    return tuple(replacements(records.counted, records.rows))


def runs_in_force(storage: Storage, scope: Scope) -> dict[str, str]:
    """The run whose choice is in force, by group.

    Raises:
        FermataError: a file cannot be read.
    """
    records = Records.of(storage, scope)
    found = in_force(records.counted, records.rows)
    return {group: each.row["run_id"] for group, each in sorted(found.items())}


def calibrated_runs(storage: Storage) -> frozenset[str]:
    """Every run of the table `calibrations`.

    Raises:
        FermataError: a file cannot be read.
    """
    return frozenset(row["run_id"] for row in read_rows(storage, CALIBRATIONS))


def scope_of_run(storage: Storage, run_id: str) -> Scope:
    """What a run belongs to; the main scope for one from before there were scopes.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read.
    """
    row = rows_of_run(run_id, read_rows(storage, CALIBRATIONS))[0]
    if not row["scope"]:
        return main_scope(storage)
    return scope_named(storage, row["scope"])


def rows_of_run(run_id: str, rows: Sequence[Row]) -> list[Row]:
    """A run's rows of the table `calibrations`.

    Raises:
        UsageError: there are none.
    """
    own = [row for row in rows if row["run_id"] == run_id]
    if not own:
        raise UsageError(f"no calibration of the run {run_id}; `fermata history` lists them")
    return own


def _analysed_groups(run_id: str, rows: Sequence[Row]) -> set[str]:
    return {row["group"] for row in rows_of_run(run_id, rows) if row["total_gaps"] > 0}


def _published_groups(run_id: str, records: Records) -> set[str]:
    """The groups for which a run was published; to have been gone back to is not that."""
    return {
        group
        for each in records.counted
        if each.by is not PublishedBy.ROLLED_BACK
        for group, run in each.runs.items()
        if run == run_id
    }
