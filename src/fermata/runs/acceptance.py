"""Which publications accept that calls are no longer as they were, and on which night."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Self

import pandas as pd

from fermata.calibration import PublishedBy, Replacement, Scope, replaced
from fermata.storage import Storage
from fermata.tables import CALIBRATIONS, read_arrow


def accepted_on(
    nights: pd.DataFrame, storage: Storage, scope: Scope
) -> dict[str, tuple[date, ...]]:
    """By group, `*` for all, the nights on which what had been told by then was accepted.

    A publication accepts it that put other settings in force, or that a person decided on: by
    an approval, or by starting a calibration. A night that publishes the same settings once
    more by itself accepts nothing, and neither does going back to former settings.

    Args:
        nights: the table `nights`.
        storage: the data folder with the records of what was published.
        scope: whose records.

    Raises:
        FermataError: a file cannot be read.
    """
    ended = _Ended.of(nights, storage)
    own_runs = set(nights["run_id"])
    found: defaultdict[str, set[date]] = defaultdict(set)
    for step in replaced(storage, scope):
        night = ended.newest_at(step.after.publication.published_at)
        if night is not None and _accepts(step, own_runs):
            found[step.group].add(night)
    return {group: tuple(sorted(of_group)) for group, of_group in found.items()}


@dataclass(frozen=True, slots=True)
class _Ended:
    """When the last run of each night had chosen its settings, just before its drift was told.

    Attributes:
        moments: in order.
        newest: the newest night that was over at each of them.
    """

    moments: tuple[datetime, ...]
    newest: tuple[date, ...]

    @classmethod
    def of(cls, nights: pd.DataFrame, storage: Storage) -> Self:
        rows = read_arrow(storage, CALIBRATIONS, ("run_id", "chosen_at")).to_pylist()
        chosen_at = {row["run_id"]: row["chosen_at"] for row in rows}
        ended: dict[date, datetime] = {}
        for run_id, night in zip(nights["run_id"], nights["night"], strict=True):
            if run_id in chosen_at:
                ended[night] = max(ended.get(night, chosen_at[run_id]), chosen_at[run_id])
        by_moment = sorted((moment, night) for night, moment in ended.items())
        newest = accumulate((night for _, night in by_moment), max)
        return cls(tuple(moment for moment, _ in by_moment), tuple(newest))

    def newest_at(self, moment: datetime) -> date | None:
        """The newest night that was over at a moment; None before the first."""
        over = bisect_right(self.moments, moment)
        return self.newest[over - 1] if over else None


def _accepts(step: Replacement, runs_of_nights: Collection[str]) -> bool:
    publication = step.after.publication
    if publication.by is PublishedBy.ROLLED_BACK:
        return False
    by_a_person = publication.by is PublishedBy.APPROVED or (
        step.after.row["run_id"] not in runs_of_nights
    )
    return by_a_person or step.changes_settings
