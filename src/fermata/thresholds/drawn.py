"""Sums of weighted rows, over all bootstrap samples at once, made when they are first asked for."""

from collections.abc import Callable, Sequence

import numpy as np

from fermata.replay.pauses import Integers, Numbers
from fermata.thresholds.models import Policy
from fermata.thresholds.tally import COUNTED, Tally


class Drawn(Tally):
    """A tally of weighted rows, or of as many as there are samples.

    A sum takes as many products as there are rows, samples and policies. Most are asked of a
    few policies only, or never.
    """

    __slots__ = ("_sum", "_wait_ms")
    _sum: Callable[[str], Numbers]
    _wait_ms: Numbers

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
            weights: shape (rows,), or (samples, rows).
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
        """What was not asked for before."""
        if name in COUNTED:
            found = self._sum(name)
        elif name == "_wait_ms":
            found = super()._mean_wait_ms()
        else:
            raise AttributeError(name)
        object.__setattr__(self, name, found)
        return found

    def _mean_wait_ms(self) -> Numbers:
        return self._wait_ms
