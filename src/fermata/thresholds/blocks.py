"""Calls bundled into rows, so that memory and time stay bounded however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from fermata.replay.pauses import Integers

ROWS = 2_000
"""About how many rows all calls together make; up to so many, each call is a row."""

_LEAST_ROWS = 40
_SMALLEST_ROWS = 8
_ROWS_FOR_GROUPS = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Rows of calls that share a label.

    A bootstrap over sums of calls is as sound as one over calls: calls are independent, so
    the variance of a sum is the sum of theirs (the grouped jackknife's argument, Efron 1982).

    Attributes:
        members: the positions of each row's calls.
        labels: the label of each row.
    """

    members: tuple[Integers, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, labels: Sequence[str]) -> Self:
        """Bundles calls by their labels, in the calls' order."""
        names = sorted(set(labels))
        at = np.asarray(labels, dtype=object)
        members: list[Integers] = []
        owners: list[str] = []
        for name in names:
            positions = np.flatnonzero(at == name)
            rows = np.array_split(positions, _rows(positions.size, len(labels), len(names)))
            members.extend(rows)
            owners.extend([name] * len(rows))
        return cls(tuple(members), tuple(owners))

    def rows_of(self, label: str) -> Integers:
        """The positions of a label's rows."""
        return np.flatnonzero(np.asarray(self.labels, dtype=object) == label)


def _rows(calls: int, all_calls: int, labels: int) -> int:
    if all_calls <= ROWS:
        return calls
    least = max(_SMALLEST_ROWS, min(_LEAST_ROWS, _ROWS_FOR_GROUPS // labels))
    return min(calls, max(least, calls * ROWS // all_calls))
