"""The silences of a call as arrays: all that a replay needs to know of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fermata.turntaking.floor import Silence
from fermata.turntaking.turns import Turn, TurnTaking

NEVER_MS = int(np.iinfo(np.int64).max)
"""The length of a silence that nothing of the same speaker follows."""

NO_TURN = -1
"""The turn of a hold in talk that ended in no shift."""

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CallPauses:
    """One call; a row per hold, and a row per finished turn.

    Attributes:
        hold_ms: how long each hold is.
        hold_is_complete: whether it follows a complete sentence.
        hold_confidence: the end-of-turn confidence there, NaN where unknown.
        hold_turn: row of the finished turn that it lies in, or `NO_TURN`.
        turn_is_complete: whether the turn's last word ends a sentence.
        turn_confidence: the end-of-turn confidence at its end, NaN where unknown.
        turn_own_ms: how long its speaker is silent afterwards, or `NEVER_MS`.
        speech_ms: how long the speakers talk, backchannels left out.
    """

    hold_ms: Integers
    hold_is_complete: Flags
    hold_confidence: Numbers
    hold_turn: Integers
    turn_is_complete: Flags
    turn_confidence: Numbers
    turn_own_ms: Integers
    speech_ms: int


def pauses_of(found: TurnTaking, speakers: Collection[str] | None = None) -> CallPauses:
    """The silences of a call.

    Args:
        found: its turn-taking.
        speakers: only theirs, such as the customer's; all if None.
    """
    chosen = tuple(found.silences) if speakers is None else speakers
    turns = found.turns_of(chosen)
    finished = [turn.end for turn in turns if turn.end is not None]
    holds = [(hold, row) for turn, row in _rows(turns) for hold in turn.holds]
    return CallPauses(
        hold_ms=np.array([_own_ms(hold) for hold, _ in holds], np.int64),
        hold_is_complete=np.array([hold.is_complete for hold, _ in holds], np.bool_),
        hold_confidence=_confidences(hold for hold, _ in holds),
        hold_turn=np.array([row for _, row in holds], np.int64),
        turn_is_complete=np.array([end.is_complete for end in finished], np.bool_),
        turn_confidence=_confidences(finished),
        turn_own_ms=np.array([_own_ms(end) for end in finished], np.int64),
        speech_ms=found.speech_ms(chosen),
    )


def _rows(turns: Sequence[Turn]) -> Iterable[tuple[Turn, int]]:
    row = 0
    for turn in turns:
        yield turn, row if turn.is_finished else NO_TURN
        row += turn.is_finished


def _own_ms(silence: Silence) -> int:
    return NEVER_MS if silence.own_ms is None else silence.own_ms


def _confidences(silences: Iterable[Silence]) -> Numbers:
    known = (silence.after.end_of_turn_confidence for silence in silences)
    return np.array([np.nan if each is None else each for each in known], np.float64)
