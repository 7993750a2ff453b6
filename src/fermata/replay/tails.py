"""How many silences reach each minimum and maximum, call by call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np

from fermata.replay.pauses import Flags, Integers, Numbers
from fermata.replay.policies import PolicyGrid

Sum: TypeAlias = Callable[[Numbers], Numbers]
"""From counts of calls, shape (calls, ...), to their weighted sums."""


@dataclass(frozen=True, slots=True)
class Tails:
    """Counts of silences that are at least as long as a policy asks for.

    Attributes:
        complete_at_min: complete ones that reach each minimum, shape (calls, minima).
        complete_at_max: complete ones that reach each maximum, shape (calls, maxima).
        open_at_min: open ones that reach each minimum.
        open_at_max: open ones that reach each maximum.
    """

    complete_at_min: Numbers
    complete_at_max: Numbers
    open_at_min: Numbers
    open_at_max: Numbers

    @classmethod
    def of(
        cls, silence_ms: Integers, call: Integers, complete: Flags, calls: int, grid: PolicyGrid
    ) -> Self:
        """Counts silences of given lengths, calls and classes."""
        is_open = ~complete
        return cls(
            _reaching(silence_ms[complete], call[complete], calls, grid.min_ms),
            _reaching(silence_ms[complete], call[complete], calls, grid.max_ms),
            _reaching(silence_ms[is_open], call[is_open], calls, grid.min_ms),
            _reaching(silence_ms[is_open], call[is_open], calls, grid.max_ms),
        )

    def expected(self, add: Sum, grid: PolicyGrid, q: float, m: float) -> Numbers:
        """Silences that reach what the policy asks of them, over weighted calls.

        Args:
            add: adds up counts of calls.
            grid: the policies.
            q: share of complete ones read as open.
            m: share of open ones read as complete.

        Returns:
            Shape (..., minima, maxima).
        """
        late = q * add(self.complete_at_max) + (1 - m) * add(self.open_at_max)
        return self.early(add, grid, q, m) + late[..., None, :]

    def early(self, add: Sum, grid: PolicyGrid, q: float, m: float) -> Numbers:
        """Those of `expected` that are taken for complete."""
        at_min = (1 - q) * add(self.complete_at_min) + m * add(self.open_at_min)
        at_max = (1 - q) * add(self.complete_at_max) + m * add(self.open_at_max)
        early: Numbers = np.where(
            grid.min_ms[:, None] <= grid.max_ms, at_min[..., :, None], at_max[..., None, :]
        )
        return early


def _reaching(silence_ms: Integers, call: Integers, calls: int, wanted_ms: Integers) -> Numbers:
    reached = np.searchsorted(wanted_ms, silence_ms, side="right")
    cells = call * (wanted_ms.size + 1) + reached
    found = np.bincount(cells, minlength=calls * (wanted_ms.size + 1))
    by_call = found.reshape(calls, wanted_ms.size + 1)[:, :0:-1]
    tails: Numbers = by_call.cumsum(axis=1)[:, ::-1].astype(np.float64)
    return tails
