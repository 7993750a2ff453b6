"""Which pauses decide: those that one setting cuts into and the other does not.

A hold is cut into when it is as long as the silence that ends a turn there: the minimum after
a complete sentence, the maximum elsewhere (docs/turn-taking.md). The pauses whose fate differs
between two settings are all that their cut-in rates can differ by.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from fermata.replay import Rule
from fermata.thresholds import Policy

MAX_PER_EFFECT = 8
"""How many pauses are listed of each kind: as many as a person listens to."""

MAX_PER_RECORDING = 2
"""How many of those may come from one recording, so that one talker does not fill the list."""


class Effect(StrEnum):
    """What a change of setting does to a pause, in the order of a list."""

    SPARED = "spared"
    CUT_ANEW = "cut-anew"
    STILL_CUT = "still-cut"

    @property
    def meaning(self) -> str:
        """In words."""
        return _MEANINGS[self]


_MEANINGS = {
    Effect.SPARED: "the present setting cuts in here, the best one does not",
    Effect.CUT_ANEW: "the best setting cuts in here, the present one does not",
    Effect.STILL_CUT: "both settings cut in here, in mid-sentence",
}


_COLUMNS = [
    *("recording_id", "options_hash", "group", "speaker", "start_ms", "hold_ms", "is_complete")
]


@dataclass(frozen=True, slots=True)
class DecidingPause:
    """A pause whose fate decides.

    Attributes:
        recording_id: SHA-256 of the recording's content, hex.
        options_hash: hash of the request options of its transcript.
        group: its group.
        speaker: who pauses.
        start_ms: when he stops, from the start of the recording.
        hold_ms: how long until he goes on.
        is_complete: whether it follows a complete sentence.
        effect: what the change does to it.
    """

    recording_id: str
    options_hash: str
    group: str
    speaker: str
    start_ms: int
    hold_ms: int
    is_complete: bool
    effect: Effect


def deciding_pauses(
    silences: pd.DataFrame, present: Policy, new: Policy, rule: Rule
) -> tuple[DecidingPause, ...]:
    """The pauses that decide between two settings, a few of each effect.

    Those nearest to the threshold that spares or cuts them come first: they would be the first
    to change sides with it.

    Args:
        silences: rows of the table `silences`, at least the columns of `DecidingPause` with
            `own_ms` for the length, and `kind`.
        present: the setting in force.
        new: the one to compare it with.
        rule: of the streaming model.
    """
    holds = silences[silences["kind"] == "hold"].copy()
    complete = holds["is_complete"].astype(bool) & (rule is not Rule.SILENCE)
    holds["is_complete"] = complete
    old_ms, new_ms = _threshold_ms(complete, present), _threshold_ms(complete, new)
    was_cut, is_cut = holds["own_ms"] >= old_ms, holds["own_ms"] >= new_ms
    chosen = {
        Effect.SPARED: (was_cut & ~is_cut, new_ms),
        Effect.CUT_ANEW: (~was_cut & is_cut, old_ms),
        Effect.STILL_CUT: (was_cut & is_cut & ~complete, new_ms),
    }
    return tuple(
        pause
        for effect, (is_chosen, threshold_ms) in chosen.items()
        for pause in _listed(holds.assign(threshold_ms=threshold_ms)[is_chosen], effect)
    )


def _threshold_ms(complete: "pd.Series[bool]", policy: Policy) -> "pd.Series[int]":
    longest = pd.Series(policy.max_turn_silence_ms, index=complete.index)
    return longest.mask(complete, policy.min_turn_silence_ms)


def _listed(holds: pd.DataFrame, effect: Effect) -> Iterable[DecidingPause]:
    by_distance = holds.assign(distance_ms=(holds["own_ms"] - holds["threshold_ms"]).abs())
    ordered = by_distance.sort_values(["distance_ms", "recording_id", "start_ms"])
    few = ordered.groupby("recording_id", sort=False).head(MAX_PER_RECORDING).head(MAX_PER_EFFECT)
    for row in few.rename(columns={"own_ms": "hold_ms"})[_COLUMNS].to_dict("records"):
        yield DecidingPause(**{str(name): value for name, value in row.items()}, effect=effect)
