"""Counts of what policies do, which can be added up over calls with any weights."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np

from fermata.replay import Assumptions, CallPauses, Measures, PolicyGrid
from fermata.replay import replay as replay_grid
from fermata.replay.pauses import Integers, Numbers
from fermata.thresholds.goal import Measure
from fermata.thresholds.models import Policy

CALLS_AT_ONCE = 500
"""How many calls are replayed together: bounds the memory, whatever their number."""

COUNTED = (
    "turns",
    "speech_minutes",
    "cut_in_turns",
    "mid_sentence_turns",
    "after_sentence_turns",
    "cut_ins",
    "cancelled_replies",
    "no_fires",
    "answered",
)
"""The attributes of a tally that are sums: the first two without policies, the others with."""

_QUANTILES = {Measure.P50_WAIT: 0.5, Measure.P90_WAIT: 0.9, Measure.P95_WAIT: 0.95}

# Weighted counts that should be equal differ by rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Expected counts under each policy; shapes (..., policies), the leading axes being rows.

    Attributes:
        policies: one per column.
        wait_ms: the times after which a turn end may be answered, shape (waits, policies),
            increasing along the first axis, detection delay included.
        turns: finished turns, shape (..., 1).
        speech_minutes: of the speakers analysed, shape (..., 1).
        cut_in_turns: turns with a cut-in of any kind.
        mid_sentence_turns: with one in an open hold.
        after_sentence_turns: with one after a complete sentence.
        cut_ins: all cut-ins.
        cancelled_replies: those over before the agent is heard.
        no_fires: turn ends at which the rule has no chance to fire.
        answered: turn ends answered after each wait, shape (waits, ..., policies).
    """

    policies: tuple[Policy, ...]
    wait_ms: Numbers
    turns: Numbers
    speech_minutes: Numbers
    cut_in_turns: Numbers
    mid_sentence_turns: Numbers
    after_sentence_turns: Numbers
    cut_ins: Numbers
    cancelled_replies: Numbers
    no_fires: Numbers
    answered: Numbers

    def weighed(self, weights: Numbers) -> Self:
        """The sum of weighted rows.

        Args:
            weights: shape (rows,), or (samples, rows) for as many sums at once.
        """
        return replace(self, **{name: weights @ getattr(self, name) for name in COUNTED})

    def at(self, columns: Sequence[int] | Integers) -> Self:
        """The same for some policies alone."""
        chosen = np.asarray(columns, np.int64)
        cut = {name: getattr(self, name)[..., chosen] for name in ("wait_ms", *COUNTED[2:])}
        return replace(self, policies=tuple(self.policies[each] for each in chosen), **cut)

    def measure(self, measure: Measure) -> Numbers:
        """A measure of each policy, shape (..., policies): a share of turns, or ms."""
        if measure is Measure.CUT_INS:
            return self.cut_in_turns / self.turns
        if measure is Measure.MID_SENTENCE:
            return self.mid_sentence_turns / self.turns
        if measure is Measure.AFTER_SENTENCE:
            return self.after_sentence_turns / self.turns
        if measure is Measure.MEAN_WAIT:
            return self._mean_wait_ms()
        return self._wait_quantile_ms(_QUANTILES[measure])

    def cost_ms(self, exchange_rate_ms: float) -> Numbers:
        """Mean wait + exchange rate * cut-in rate, in ms per turn."""
        return self._mean_wait_ms() + exchange_rate_ms * self.measure(Measure.CUT_INS)

    def _mean_wait_ms(self) -> Numbers:
        # From the longest wait downwards, so that equal waits give exactly that wait.
        mean = np.broadcast_to(self.wait_ms[-1], self.cut_in_turns.shape).copy()
        for wait_ms, answered in zip(self.wait_ms[:-1], self.answered[:-1], strict=True):
            mean -= (self.wait_ms[-1] - wait_ms) * (answered / self.turns)
        return mean

    def _wait_quantile_ms(self, share: float) -> Numbers:
        wanted = (share - _ROUNDING) * self.turns
        so_far = np.cumsum(self.answered, axis=0)
        wait = np.broadcast_to(self.wait_ms[-1], self.cut_in_turns.shape)
        for wait_ms, answered in zip(self.wait_ms[-2::-1], so_far[-2::-1], strict=True):
            wait = np.where(answered >= wanted, wait_ms, wait)
        return wait


def tally(
    calls: Sequence[CallPauses],
    blocks: Sequence[Integers],
    grid: PolicyGrid,
    assumptions: Assumptions,
) -> Tally:
    """Replays a grid over calls and adds the counts up by block.

    Args:
        calls: the calls.
        blocks: positions of the calls that each row adds up.
        grid: the policies; those whose minimum is above the maximum are left out.
        assumptions: about the live system.
    """
    cells = np.nonzero(grid.min_ms[:, None] <= grid.max_ms[None, :])
    parts = [
        _tally_of(_measures(calls, some, grid, assumptions), cells) for some in _batches(blocks)
    ]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts], -2) for name in COUNTED
    }
    return replace(parts[0], **joined)


def _batches(blocks: Sequence[Integers]) -> Iterable[Sequence[Integers]]:
    ends = np.cumsum([block.size for block in blocks])
    batch = (ends - 1) // CALLS_AT_ONCE
    starts = [0, *(np.flatnonzero(np.diff(batch)) + 1).tolist(), len(blocks)]
    return (blocks[first:last] for first, last in pairwise(starts))


def _measures(
    calls: Sequence[CallPauses],
    blocks: Sequence[Integers],
    grid: PolicyGrid,
    assumptions: Assumptions,
) -> Measures:
    members = np.concatenate(blocks)
    plane = replay_grid([calls[each] for each in members], grid, assumptions)
    if members.size == len(blocks):
        return plane.by_call()
    row = np.repeat(np.arange(len(blocks)), [block.size for block in blocks])
    belongs = np.zeros((len(blocks), members.size))
    belongs[row, np.arange(members.size)] = 1
    return plane.measures(belongs)


def _tally_of(found: Measures, cells: tuple[Integers, ...]) -> Tally:
    minimum, maximum = cells

    def chosen(counts: Numbers) -> Numbers:
        return counts[:, minimum, maximum]

    grid, turns = found.grid, found.turns[:, :, 0]
    early = chosen(found.early_answers)
    waits = np.stack([grid.min_ms[minimum], grid.max_ms[maximum]])
    return Tally(
        policies=tuple(Policy(*pair) for pair in waits.T.tolist()),
        wait_ms=(waits + found.assumptions.detection_delay_ms).astype(np.float64),
        turns=turns,
        speech_minutes=found.speech_minutes[:, :, 0],
        cut_in_turns=chosen(found.cut_in_turns),
        mid_sentence_turns=chosen(found.mid_sentence_turns),
        after_sentence_turns=chosen(found.after_sentence_turns),
        cut_ins=chosen(found.cut_ins),
        cancelled_replies=chosen(found.cancelled_replies),
        no_fires=chosen(found.no_fires),
        answered=np.stack([early, turns - early]),
    )
