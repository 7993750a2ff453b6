"""The publications of a scope with the table they point into, as they are at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from fermata.calibration.latest import DamagedChoiceError, read_latest
from fermata.calibration.publications import (
    Publication,
    PublishedBy,
    Row,
    effective,
    next_moment,
    read_publications,
    write_publication,
)
from fermata.calibration.record import calibration_rows
from fermata.calibration.scopes import Scope
from fermata.storage import Storage


@dataclass(frozen=True, slots=True)
class Records:
    """The table and the records of a scope as they are now.

    Attributes:
        scope: which.
        rows: the table `calibrations`.
        written: the records.
        earlier: without any, the runs that are in force or were, by what clients read.
        counted: the publications that count.
    """

    scope: Scope
    rows: Sequence[Row]
    written: tuple[Publication, ...]
    earlier: tuple[str, ...]
    counted: tuple[Publication, ...]

    @classmethod
    def of(cls, storage: Storage, scope: Scope) -> Self:
        """Reads them from a data folder.

        Raises:
            FermataError: a file cannot be read.
        """
        rows = calibration_rows(storage, scope)
        written = read_publications(storage, scope)
        if written:
            return cls(scope, rows, written, (), effective(written, rows))
        earlier = _published_before(storage, scope, rows)
        published = [row for row in rows if row["run_id"] in earlier]
        return cls(scope, rows, written, earlier, effective((), published))

    def next(self, runs: Mapping[str, str], by: PublishedBy, reason: str) -> Publication:
        """What the next record would say: for each group, the run to be in force."""
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
        """Writes the next record.

        Raises:
            StorageError: it could not be written.
        """
        record = self.next(runs, by, reason)
        write_publication(storage, self.scope, record)
        return record


def _published_before(storage: Storage, scope: Scope, rows: Sequence[Row]) -> tuple[str, ...]:
    """The runs of a folder without records that were published, by what its clients read.

    A run chosen after everything in force was not: its worker is about to publish it, or
    waits for an approval.
    """
    try:
        latest = read_latest(storage, scope)
    except DamagedChoiceError:
        return tuple(sorted({row["run_id"] for row in rows}))
    if latest is None:
        return ()
    newest = max(each.chosen_at for each in (latest.overall, *latest.groups.values()))
    return tuple(sorted({row["run_id"] for row in rows if row["chosen_at"] <= newest}))
