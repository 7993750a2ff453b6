"""The silences of many calls in one set of arrays, classed by a rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from fermata.replay.pauses import NO_TURN, CallPauses, Flags, Integers, Numbers
from fermata.replay.policies import PolicyGrid
from fermata.replay.rules import sounds_complete
from fermata.replay.tails import Tails


@dataclass(frozen=True, slots=True)
class Pool:
    """All holds and turn ends.

    Attributes:
        calls: how many calls.
        hold_ms: how long each hold is.
        hold_call: the call it lies in.
        hold_turn: the turn it lies in, counted through all calls, or `NO_TURN`.
        hold_sounds_complete: whether the rule takes it for complete.
        turn_call: the call of each finished turn.
        turn_own_ms: how long the turn's speaker is silent afterwards.
        turn_sounds_complete: whether the rule takes its end for complete.
        speech_ms: shape (calls,).
    """

    calls: int
    hold_ms: Integers
    hold_call: Integers
    hold_turn: Integers
    hold_sounds_complete: Flags
    turn_call: Integers
    turn_own_ms: Integers
    turn_sounds_complete: Flags
    speech_ms: Numbers

    @classmethod
    def of(cls, calls: Sequence[CallPauses], grid: PolicyGrid) -> Self:
        """Joins calls, classed by the grid's rule."""
        turns = np.array([call.turn_own_ms.size for call in calls], np.int64)
        holds = np.array([call.hold_ms.size for call in calls], np.int64)
        turn = _joined(calls, lambda call: call.hold_turn)
        first = np.repeat(np.cumsum(turns) - turns, holds)
        return cls(
            calls=len(calls),
            hold_ms=_joined(calls, lambda call: call.hold_ms),
            hold_call=np.repeat(np.arange(len(calls)), holds),
            hold_turn=np.where(turn == NO_TURN, NO_TURN, turn + first),
            hold_sounds_complete=sounds_complete(
                grid.rule,
                _joined(calls, lambda call: call.hold_is_complete).astype(np.bool_),
                _joined(calls, lambda call: call.hold_confidence),
                grid.confidence,
            ),
            turn_call=np.repeat(np.arange(len(calls)), turns),
            turn_own_ms=_joined(calls, lambda call: call.turn_own_ms),
            turn_sounds_complete=sounds_complete(
                grid.rule,
                _joined(calls, lambda call: call.turn_is_complete).astype(np.bool_),
                _joined(calls, lambda call: call.turn_confidence),
                grid.confidence,
            ),
            speech_ms=np.array([call.speech_ms for call in calls], np.float64),
        )

    def holds_reaching(self, grid: PolicyGrid, lengths_ms: Integers) -> Tails:
        """How many holds reach each silence, given a length for each."""
        return Tails.of(lengths_ms, self.hold_call, self.hold_sounds_complete, self.calls, grid)

    def ends_reaching(self, grid: PolicyGrid, lengths_ms: Integers) -> Tails:
        """How many turn ends reach each silence, given a length for each."""
        return Tails.of(lengths_ms, self.turn_call, self.turn_sounds_complete, self.calls, grid)

    def per_call(self, of_call: Integers) -> Numbers:
        """How many rows each call has, from the call of each row."""
        return np.bincount(of_call, minlength=self.calls).astype(np.float64)


def _joined(
    calls: Sequence[CallPauses], column: Callable[[CallPauses], np.ndarray[Any, Any]]
) -> Any:
    return np.concatenate([column(call) for call in calls]) if calls else np.zeros(0, np.int64)
