"""A whole plane of policies replayed over many calls at once, counted call by call.

Counts are kept per call, so that a bootstrap over calls weighs them without replaying:
`Plane.measures(weights)`. A turn without cut-in is one whose longest hold is below the
maximum and none of whose complete holds reaches the minimum; sorting the holds once and
adding them as the minimum falls gives all policies in one pass per minimum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fermata.replay.measures import Measures
from fermata.replay.pauses import NEVER_MS, CallPauses, Flags, Integers, Numbers
from fermata.replay.policies import Assumptions, PolicyGrid
from fermata.replay.pool import Pool
from fermata.replay.tails import Sum, Tails

COUNTED_HOLD_MS = 200
"""The shortest hold of the rate per hold (the usual silence between units)."""

# Calls, minima, maxima.
_PLANES = 3


@dataclass(frozen=True, slots=True)
class Plane:
    """Expected counts of each call under each policy; shapes (calls, minima, maxima).

    Attributes:
        grid: the policies.
        assumptions: what was assumed of the live system.
        turns: finished turns, shape (calls,).
        speech_ms: shape (calls,).
        counted_holds: holds of at least `COUNTED_HOLD_MS`, shape (calls,).
        cut_in_turns: turns with a cut-in of any kind.
        mid_sentence_turns: turns with one in an open hold.
        after_sentence_turns: turns with one in a complete hold.
        cut_ins: holds that reach the silence, in finished turns or not.
        counted_cut_ins: those of at least `COUNTED_HOLD_MS`.
        audible_cut_ins: those that go on until the agent's first sound.
        fires: turn ends whose speaker stays silent for long enough.
        turn_ends: all turn ends.
    """

    grid: PolicyGrid
    assumptions: Assumptions
    turns: Numbers
    speech_ms: Numbers
    counted_holds: Numbers
    cut_in_turns: Numbers
    mid_sentence_turns: Numbers
    after_sentence_turns: Numbers
    cut_ins: Tails
    counted_cut_ins: Tails
    audible_cut_ins: Tails
    fires: Tails
    turn_ends: Tails

    @property
    def calls(self) -> int:
        """How many calls."""
        return int(self.turns.size)

    def measures(self, weights: Numbers | None = None) -> Measures:
        """The measures over all calls, or over a weighted selection of them.

        Args:
            weights: shape (calls,), or (samples, calls) for many bootstrap samples at once:
                how often each call counts. Once each if None.

        Returns:
            Measures whose arrays have the shape (minima, maxima), or (samples, minima, maxima).
        """
        by = np.ones(self.calls) if weights is None else np.asarray(weights, np.float64)
        return self._measures(lambda counts: _weighted(by, counts))

    def by_call(self) -> Measures:
        """The measures of each call by itself, of shape (calls, minima, maxima)."""
        return self._measures(lambda counts: counts)

    def _measures(self, add: Sum) -> Measures:
        q = self.assumptions.complete_read_as_open
        m = self.assumptions.open_read_as_complete
        cut_ins = self.cut_ins.expected(add, self.grid, q, m)
        early = self.turn_ends.early(add, self.grid, q, m)
        turns = _per_policy(add(self.turns))
        return Measures(
            grid=self.grid,
            assumptions=self.assumptions,
            turns=turns,
            speech_minutes=_per_policy(add(self.speech_ms)) / 60_000,
            counted_holds=_per_policy(add(self.counted_holds)),
            cut_in_turns=add(self.cut_in_turns),
            mid_sentence_turns=add(self.mid_sentence_turns),
            after_sentence_turns=add(self.after_sentence_turns),
            cut_ins=cut_ins,
            counted_cut_ins=self.counted_cut_ins.expected(add, self.grid, q, m),
            cancelled_replies=cut_ins - self.audible_cut_ins.expected(add, self.grid, q, m),
            no_fires=turns - self.fires.expected(add, self.grid, q, m),
            early_answers=early,
        )


def replay(
    calls: Sequence[CallPauses], grid: PolicyGrid, assumptions: Assumptions | None = None
) -> Plane:
    """Replays every policy of a grid over every call.

    Args:
        calls: in the order in which the counts shall stand.
        grid: the policies.
        assumptions: of the live system; no delay and no punctuation error if None.
    """
    assumed = Assumptions() if assumptions is None else assumptions
    pool = Pool.of(calls, grid)
    complete = pool.hold_sounds_complete
    spared = _spared(complete, assumed)
    counted = pool.hold_ms >= COUNTED_HOLD_MS
    return Plane(
        grid=grid,
        assumptions=assumed,
        turns=pool.per_call(pool.turn_call),
        speech_ms=pool.speech_ms,
        counted_holds=pool.per_call(pool.hold_call[counted]),
        cut_in_turns=_cut_turns(pool, grid, spared, np.ones_like(complete)),
        mid_sentence_turns=_cut_turns(pool, grid, spared, ~complete),
        after_sentence_turns=_cut_turns(pool, grid, spared, complete),
        cut_ins=pool.holds_reaching(grid, pool.hold_ms),
        counted_cut_ins=pool.holds_reaching(grid, np.where(counted, pool.hold_ms, 0)),
        audible_cut_ins=pool.holds_reaching(grid, pool.hold_ms - assumed.until_audible_ms),
        fires=pool.ends_reaching(grid, pool.turn_own_ms),
        turn_ends=pool.ends_reaching(grid, np.full_like(pool.turn_own_ms, NEVER_MS)),
    )


def _spared(complete: Flags, assumptions: Assumptions) -> Numbers:
    """How likely each hold is to be spared where it lies between the two silences."""
    spared: Numbers = np.where(
        complete, assumptions.complete_read_as_open, 1 - assumptions.open_read_as_complete
    )
    return spared


def _cut_turns(pool: Pool, grid: PolicyGrid, spared: Numbers, chosen: Flags) -> Numbers:
    """Expected turns with a cut-in among the chosen holds: (calls, minima, maxima).

    A hold between the two silences is spared with its own probability; one as long as the
    maximum never is.
    """
    chosen = chosen & (pool.hold_turn >= 0)
    hold_ms, hold_turn, spared = pool.hold_ms[chosen], pool.hold_turn[chosen], spared[chosen]
    turns = pool.turn_call.size
    longest_ms = np.zeros(turns, np.int64)
    np.maximum.at(longest_ms, hold_turn, hold_ms)
    beyond = np.searchsorted(grid.max_ms, longest_ms, side="right")
    cells = pool.turn_call * (grid.max_ms.size + 1) + beyond
    order = np.argsort(hold_ms, kind="stable")
    at = np.searchsorted(hold_ms[order], grid.min_ms, side="left")
    whole = np.ones(turns)
    counts = np.empty((pool.calls, *grid.shape))
    reached = hold_ms.size
    for row in reversed(range(grid.min_ms.size)):
        joined = order[at[row] : reached]
        np.multiply.at(whole, hold_turn[joined], spared[joined])
        reached = at[row]
        counts[:, row] = _up_to(cells, whole, pool.calls, grid.max_ms.size)
    return pool.per_call(pool.turn_call)[:, None, None] - counts


def _up_to(cells: Integers, whole: Numbers, calls: int, maxima: int) -> Numbers:
    found = np.bincount(cells, whole, minlength=calls * (maxima + 1))
    by_call: Numbers = found.reshape(calls, maxima + 1)[:, :maxima].cumsum(axis=1)
    return by_call


def _weighted(by: Numbers, counts: Numbers) -> Numbers:
    sums: Numbers = by @ counts if counts.ndim < _PLANES else np.tensordot(by, counts, axes=1)
    return sums


def _per_policy(totals: Numbers) -> Numbers:
    return np.asarray(totals, np.float64)[..., None, None]
