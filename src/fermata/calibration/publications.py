"""The record of what was published: small files that are added and never changed.

```
calibrations/publications/20261121T023000000000Z-<run_id>.json
```

Each names, for one or more groups, the run whose choice was put in force. The newest one that
names a group counts for it. A data folder from before there were such records starts with the
first one, which says which runs had been published until then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from fermata.calibration.scopes import Scope
from fermata.errors import FermataError
from fermata.storage import Storage
from fermata.thresholds import ALL_GROUPS
from fermata.validation import first_problem

BEFORE_RECORDS = "published before publications were recorded"
"""The reason given for runs of a data folder that had no records yet."""

_STEP = timedelta(microseconds=1)

_SETTINGS = (
    *("min_turn_silence_ms", "max_turn_silence_ms"),
    *("end_of_turn_confidence_threshold", "speech_model"),
)

Row = Mapping[str, Any]
"""A row of the table `calibrations`."""


class DamagedPublicationError(FermataError):
    """A record of a publication cannot be read back."""


class PublishedBy(StrEnum):
    """Who put a choice in force."""

    AUTOMATIC = "automatic"
    APPROVED = "approved"
    ROLLED_BACK = "rolled back"


class Publication(BaseModel):
    """One record.

    Attributes:
        runs: by group, `*` for all recordings: the run whose choice is in force from now on.
        published_at: when; later than every record that its writer saw.
        by: who.
        reason: one line.
        earlier_runs: in the first record of an older data folder, the runs that had been
            published before there were records; each counts as published when it was chosen.
    """

    # A newer version may write more than this one knows.
    model_config = ConfigDict(extra="ignore", frozen=True)

    runs: dict[str, str]
    published_at: AwareDatetime
    by: PublishedBy
    reason: str
    earlier_runs: tuple[str, ...] = ()

    @property
    def run_id(self) -> str:
        """The run for all recordings, or that of the first group."""
        return self.runs.get(ALL_GROUPS) or next(iter(self.runs.values()), "")


@dataclass(frozen=True, slots=True)
class Published:
    """A row of the table `calibrations` that some publication puts in force.

    Attributes:
        publication: which one.
        row: the row.
    """

    publication: Publication
    row: Row


@dataclass(frozen=True, slots=True)
class Replacement:
    """A choice that was put in force in place of another.

    Attributes:
        group: whose.
        before: what was in force; None before the group's first.
        after: what is in force from then on.
    """

    group: str
    before: Published | None
    after: Published

    @property
    def changes_settings(self) -> bool:
        """Whether the two differ in what a streaming client is told."""
        return self.before is None or any(
            self.before.row[name] != self.after.row[name] for name in _SETTINGS
        )


def read_publications(storage: Storage, scope: Scope) -> tuple[Publication, ...]:
    """The records of a scope as they were written, oldest first.

    Raises:
        DamagedPublicationError: a file there is not a record.
        StorageError: the folder cannot be read.
    """
    paths = storage.list(scope.publications_folder, ".json")
    return _in_order(_read(storage, path) for path in paths)


def write_publication(storage: Storage, scope: Scope, publication: Publication) -> str:
    """Adds a record to those of a scope; returns its path below the data folder.

    Raises:
        StorageError: it could not be written.
    """
    time = publication.published_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    path = f"{scope.publications_folder}/{time}-{publication.run_id}.json"
    storage.write_atomically(path, (publication.model_dump_json(indent=2) + "\n").encode())
    return path


def effective(publications: Sequence[Publication], rows: Iterable[Row]) -> tuple[Publication, ...]:
    """The publications that count, oldest first, those from before the records among them.

    Without any record, every run of the table counts as published when it was chosen.

    Args:
        publications: the records.
        rows: the table `calibrations`.
    """
    by_run: dict[str, list[Row]] = {}
    for row in rows:
        by_run.setdefault(row["run_id"], []).append(row)
    earlier = {run for each in publications for run in each.earlier_runs}
    unrecorded = earlier & by_run.keys() if publications else set(by_run)
    assumed = (
        Publication(
            runs={row["group"]: run for row in by_run[run]},
            published_at=by_run[run][0]["chosen_at"],
            by=PublishedBy.AUTOMATIC,
            reason=BEFORE_RECORDS,
        )
        for run in unrecorded
    )
    return _in_order((*assumed, *publications))


def in_force(publications: Iterable[Publication], rows: Iterable[Row]) -> dict[str, Published]:
    """What the publications put in force, by group.

    The newest publication of a group counts whose row is in the table. One that rests on gaps,
    or that a person went back to, goes before any that rests on none, so a night in which
    nothing could be analysed leaves the last real choice in force.

    Args:
        publications: those that count, in any order.
        rows: the table `calibrations`.
    """
    return {step.group: step.after for step in replacements(publications, rows)}


def replacements(publications: Iterable[Publication], rows: Iterable[Row]) -> Iterator[Replacement]:
    """What each publication put in force in place of what, oldest first.

    Args:
        publications: those that count, in any order.
        rows: the table `calibrations`.
    """
    by_key = {(row["run_id"], row["group"]): row for row in rows}
    found: dict[str, Published] = {}
    for publication in _in_order(publications):
        for group, run in publication.runs.items():
            row = by_key.get((run, group))
            if row is None:
                continue
            before, after = found.get(group), Published(publication, row)
            if before is None or _is_meant(after) or not _is_meant(before):
                found[group] = after
                yield Replacement(group, before, after)


def next_moment(publications: Iterable[Publication], now: datetime) -> datetime:
    """Now, or just after the newest record where another machine's clock runs ahead."""
    newest = max((each.published_at for each in publications), default=None)
    return now if newest is None or newest < now else newest + _STEP


def _is_meant(published: Published) -> bool:
    by_hand = published.publication.by is PublishedBy.ROLLED_BACK
    return by_hand or published.row["total_gaps"] > 0


def _in_order(publications: Iterable[Publication]) -> tuple[Publication, ...]:
    return tuple(
        sorted(publications, key=lambda each: (each.published_at, sorted(each.runs.items())))
    )


def _read(storage: Storage, path: str) -> Publication:
    try:
        return Publication.model_validate_json(storage.read(path))
    except ValidationError as error:
        raise DamagedPublicationError(
            f"{storage.uri(path)} is no record of a publication ({first_problem(error)}); "
            "restore it from a copy, or delete it if what it published does not matter"
        ) from None
