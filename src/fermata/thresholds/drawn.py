"""Sums of weighted rows, over all bootstrap samples at once, made when they are first asked for."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from fermata.replay.pauses import Integers, Numbers
from fermata.thresholds.models import Policy
from fermata.thresholds.tally import COUNTED, Tally

_Columns: TypeAlias = Integers | slice
_Sum: TypeAlias = Callable[[str, _Columns], Numbers]

_EVERY = slice(None)


class Drawn(Tally):
    """A tally of weighted rows, or of as many as there are samples.

    A sum takes as many products as there are rows, samples and policies. Most are asked of a
    few policies only, or never.
    """

    __slots__ = ("_sum", "_wait_ms")
    _sum: _Sum
    _wait_ms: Numbers

    def __init__(self, policies: tuple[Policy, ...], wait_ms: Numbers, sums: _Sum) -> None:
        """Sums nothing yet.

        Args:
            policies: one per column.
            wait_ms: as in `Tally`.
            sums: makes what an attribute of `Tally` holds, by its name, for the columns asked.
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

        def summed(name: str, columns: _Columns) -> Numbers:
            counts: Numbers = getattr(rows, name)
            if name in COUNTED[:2]:
                return weights @ counts
            if name != "answered":
                return weights @ counts[..., columns]
            # The rest is answered after the longest wait, so that one product is spared.
            before = weights @ counts[:-1, :, columns]
            return np.concatenate([before, (weights @ rows.turns - before.sum(axis=0))[None]])

        return cls(rows.policies, rows.wait_ms, summed)

    def at(self, columns: Sequence[int] | Integers) -> "Drawn":
        """The same for some policies alone, for which alone is summed what was not before."""
        chosen = np.asarray(columns, np.int64)

        def cut(name: str, some: _Columns) -> Numbers:
            if name in COUNTED[:2]:
                whole: Numbers = getattr(self, name)
                return whole
            try:
                found: Numbers = object.__getattribute__(self, name)
            except AttributeError:
                return self._sum(name, chosen[some])
            return found[..., chosen[some]]

        policies = tuple(self.policies[each] for each in chosen)
        return Drawn(policies, self.wait_ms[..., chosen], cut)

    def __getattr__(self, name: str) -> Numbers:
        """What was not asked for before."""
        if name in COUNTED:
            found = self._sum(name, _EVERY)
        elif name == "_wait_ms":
            found = super()._mean_wait_ms()
        else:
            raise AttributeError(name)
        object.__setattr__(self, name, found)
        return found

    def _mean_wait_ms(self) -> Numbers:
        return self._wait_ms
