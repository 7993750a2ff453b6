"""Whether a run's settings may be put in force without anybody being asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from fermata.calibration.publications import Published, in_force
from fermata.calibration.publishing import (
    NOTHING_ANALYSED,
    NOTHING_FOR_ALL,
    rows_of_run,
    runs_in_force,
)
from fermata.calibration.record import rests_on
from fermata.calibration.records import Records
from fermata.calibration.scopes import Scope, all_scopes
from fermata.storage import Storage
from fermata.tables.calibrations import CALIBRATED_RECORDINGS, CALIBRATIONS
from fermata.tables.small import read_rows
from fermata.thresholds import ALL_GROUPS

_KEPT_FOR = timedelta(days=31)

FIRST = "nothing was in force yet"
COVERS = "it rests on all the recordings that the settings before rest on"
UNKNOWN = "which recordings the settings in force rest on is not known"


@dataclass(frozen=True, slots=True)
class Decision:
    """What of a run may be put in force without asking.

    Attributes:
        publish: the groups that may, `*` for all recordings, and why.
        withhold: the groups that may not, and why.
    """

    publish: Mapping[str, str]
    withhold: Mapping[str, str]

    @property
    def analysed(self) -> tuple[str, ...]:
        """All groups that have something to be published."""
        rest = (group for group, why in self.withhold.items() if why != NOTHING_ANALYSED)
        return (*self.publish, *rest)

    @property
    def why(self) -> str:
        """Why what is published is, in one line."""
        return "; ".join(dict.fromkeys(self.publish.values()))

    @property
    def why_not(self) -> str:
        """Why what is withheld is, in one line."""
        return "; ".join(dict.fromkeys(self.withhold.values()))


def decide_publication(
    storage: Storage, run_id: str, scope: Scope, groups: Collection[str] | None = None
) -> Decision:
    """Decides by what the run and the settings in force rest on.

    A group's settings may be put in force where none are, or where the run rests on at least
    the recordings that those in force rest on: what is known then is not given up for less.

    Args:
        storage: the data folder.
        run_id: a run of the table `calibrations`.
        scope: what the run belongs to.
        groups: only these; None for all that the run has.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read.
    """
    records = Records.of(storage, scope)
    found = in_force(records.counted, records.rows)
    own = rests_on(storage, run_id) or {}
    publish: dict[str, str] = {}
    withhold: dict[str, str] = {}
    before = _Evidence(storage)
    for row in rows_of_run(run_id, records.rows):
        group = row["group"]
        if groups is not None and group not in groups:
            continue
        if row["total_gaps"] == 0:
            withhold[group] = NOTHING_ANALYSED
            continue
        now = found.get(group)
        why_not = before.lacking(now, own.get(group, frozenset())) if now else None
        if why_not:
            withhold[group] = why_not
        else:
            publish[group] = COVERS if now else FIRST
    if ALL_GROUPS not in found.keys() | publish.keys():
        withhold |= dict.fromkeys(publish, withhold.get(ALL_GROUPS, NOTHING_FOR_ALL))
        publish = {}
    return Decision(publish, withhold)


def drop_what_replaced_runs_rest_on(storage: Storage, now: datetime) -> int:
    """Deletes what is kept of the recordings of runs that are long replaced.

    Kept is that of runs in force, by which the next one is decided, and of the last month, which
    somebody may still put in force or go back to.

    Returns:
        How many runs it was deleted of.

    Raises:
        FermataError: a file cannot be read or deleted.
    """
    in_use = {
        run for scope in all_scopes(storage) for run in runs_in_force(storage, scope).values()
    }
    rows = read_rows(storage, CALIBRATIONS)
    in_use |= {row["run_id"] for row in rows if row["chosen_at"] > now - _KEPT_FOR}
    paths = storage.list(CALIBRATED_RECORDINGS.name, ".parquet")
    replaced = [path for path in paths if PurePosixPath(path).stem not in in_use]
    for path in replaced:
        storage.remove(path)
    return len(replaced)


class _Evidence:
    """What the settings in force rest on, each run's read once."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: dict[str, dict[str, frozenset[str]] | None] = {}

    def lacking(self, now: Published, own: frozenset[str]) -> str | None:
        """Why settings that rest on `own` do not replace those in force; None where they may."""
        group, run = now.row["group"], now.row["run_id"]
        if now.row["total_gaps"] == 0:
            return None
        if run not in self._known:
            self._known[run] = rests_on(self._storage, run)
        known = self._known[run]
        if known is None:
            return UNKNOWN
        missing = len(known.get(group, frozenset()) - own)
        if not missing:
            return None
        return (
            f"the settings in force rest on {missing:,} recordings that this run does not have"
            if missing > 1
            else "the settings in force rest on a recording that this run does not have"
        )
