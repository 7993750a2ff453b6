"""Sums over many bootstrap samples, each made when it is first asked for."""

from collections.abc import Callable, Sequence

import numpy as np

from fermata.replay.pauses import Integers, Numbers
from fermata.thresholds.models import Policy
from fermata.thresholds.tally import COUNTED, Tally


class Drawn(Tally):
    """A tally whose rows are samples.

    A sum takes as many products as there are rows, samples and policies. Most are asked of a
    few policies only, or never.
    """

    __slots__ = ("_sum",)
    _sum: Callable[[str], Numbers]

    def __init__(
        self, policies: tuple[Policy, ...], wait_ms: Numbers, sums: Callable[[str], Numbers]
    ) -> None:
        """Sums nothing yet.

        Args:
            policies: one per column.
            wait_ms: as in `Tally`.
            sums: makes what an attribute of `Tally` holds, by its name.
        """
        for name, value in (("policies", policies), ("wait_ms", wait_ms), ("_sum", sums)):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, rows: Tally, weights: Numbers) -> "Drawn":
        """The sums of weighted rows, as `Tally.weighed` makes them all at once.

        Args:
            rows: the counts.
            weights: shape (samples, rows).
        """

        def summed(name: str) -> Numbers:
            counts: Numbers = getattr(rows, name)
            if name != "answered":
                return weights @ counts
            # The rest is answered after the longest wait, so that one product is spared.
            before = weights @ counts[:-1]
            return np.concatenate([before, (weights @ rows.turns - before.sum(axis=0))[None]])

        return cls(rows.policies, rows.wait_ms, summed)

    def at(self, columns: Sequence[int] | Integers) -> "Drawn":
        """The same for some policies alone."""
        chosen = np.asarray(columns, np.int64)

        def cut(name: str) -> Numbers:
            counts: Numbers = getattr(self, name)
            return counts[..., chosen] if name in COUNTED[2:] else counts

        policies = tuple(self.policies[each] for each in chosen)
        return Drawn(policies, self.wait_ms[..., chosen], cut)

    def __getattr__(self, name: str) -> Numbers:
        """A count that was not asked for before."""
        if name not in COUNTED:
            raise AttributeError(name)
        counts = self._sum(name)
        object.__setattr__(self, name, counts)
        return counts
