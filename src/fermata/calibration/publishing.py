"""Putting choices in force, going back to earlier ones, and what was in force when."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from fermata.calibration.latest import DamagedChoiceError, LatestChoices, read_latest
from fermata.calibration.presets import Presets
from fermata.calibration.publications import (
    Publication,
    Published,
    PublishedBy,
    Replacement,
    Row,
    effective,
    in_force,
    next_moment,
    read_publications,
    replacements,
    write_publication,
)
from fermata.calibration.record import calibration_rows, latest_of, write_latest
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
    records = _Records.of(storage)
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
    records = _Records.of(storage)
    runs = dict.fromkeys(_groups_of(run_id, records.rows), run_id)
    record = records.next(runs, PublishedBy.AUTOMATIC, "")
    return latest_of((*records.counted, record), records.rows, presets)


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
    records = _Records.of(storage)
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
    records = _Records.of(storage)
    if ALL_GROUPS not in in_force(records.counted, records.rows):
        return None
    return latest_of(records.counted, records.rows, presets)


def history(storage: Storage) -> tuple[Publication, ...]:
    """What was published, oldest first, with the runs from before there were records.

    Raises:
        FermataError: a file cannot be read.
    """
    return _Records.of(storage).counted


def replaced(storage: Storage) -> tuple[Replacement, ...]:
    """What each publication put in force in place of what, oldest first.

    Raises:
        FermataError: a file cannot be read.
    """
    records = _Records.of(storage)
    return tuple(replacements(records.counted, records.rows))


def runs_in_force(storage: Storage) -> dict[str, str]:
    """The run whose choice is in force, by group.

    Raises:
        FermataError: a file cannot be read.
    """
    records = _Records.of(storage)
    found = in_force(records.counted, records.rows)
    return {group: each.row["run_id"] for group, each in sorted(found.items())}


@dataclass(frozen=True, slots=True)
class _Records:
    """The table and the records as they are now.

    Attributes:
        rows: the table `calibrations`.
        written: the records.
        earlier: without any, the runs that are in force or were, by what clients read.
        counted: the publications that count.
    """

    rows: Sequence[Row]
    written: tuple[Publication, ...]
    earlier: tuple[str, ...]
    counted: tuple[Publication, ...]

    @classmethod
    def of(cls, storage: Storage) -> Self:
        rows = calibration_rows(storage)
        written = read_publications(storage)
        if written:
            return cls(rows, written, (), effective(written, rows))
        earlier = _published_before(storage, rows)
        published = [row for row in rows if row["run_id"] in earlier]
        return cls(rows, written, earlier, effective((), published))

    def next(self, runs: Mapping[str, str], by: PublishedBy, reason: str) -> Publication:
        return Publication(
            runs=dict(sorted(runs.items())),
            published_at=next_moment(self.counted, datetime.now(UTC)),
            by=by,
            reason=reason,
            earlier_runs=self.earlier,
        )

    def add(
        self, storage: Storage, runs: Mapping[str, str], by: PublishedBy, reason: str
    ) -> Publication:
        record = self.next(runs, by, reason)
        write_publication(storage, record)
        return record


def _groups_of(run_id: str, rows: Sequence[Row]) -> set[str]:
    groups = {row["group"] for row in rows if row["run_id"] == run_id}
    if not groups:
        raise UsageError(f"no calibration of the run {run_id}; `fermata history` lists them")
    return groups


def _published_groups(run_id: str, records: _Records) -> set[str]:
    """The groups for which a run was published; to have been gone back to is not that."""
    return {
        group
        for each in records.counted
        if each.by is not PublishedBy.ROLLED_BACK
        for group, run in each.runs.items()
        if run == run_id
    }


def _published_before(storage: Storage, rows: Sequence[Row]) -> tuple[str, ...]:
    """The runs of a folder without records that were published, by what its clients read.

    A run chosen after everything in force was not: its worker is about to publish it, or
    waits for an approval.
    """
    try:
        latest = read_latest(storage)
    except DamagedChoiceError:
        return tuple(sorted({row["run_id"] for row in rows}))
    if latest is None:
        return ()
    newest = max(each.chosen_at for each in (latest.overall, *latest.groups.values()))
    return tuple(sorted({row["run_id"] for row in rows if row["chosen_at"] <= newest}))


def _before_the_newest(
    records: _Records, found: Mapping[str, Published], group: str | None
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
