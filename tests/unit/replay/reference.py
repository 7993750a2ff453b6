"""The rule, one hold at a time: what the plane must come out as."""

from dataclasses import dataclass, field

import numpy as np

from fermata.replay import NO_TURN, Assumptions, CallPauses, PolicyGrid, Rule
from fermata.replay.plane import COUNTED_HOLD_MS


@dataclass
class Counts:
    """Expected counts of one policy over some calls."""

    turns: float = 0
    cut_in_turns: float = 0
    mid_sentence_turns: float = 0
    after_sentence_turns: float = 0
    cut_ins: float = 0
    counted_cut_ins: float = 0
    counted_holds: float = 0
    cancelled_replies: float = 0
    no_fires: float = 0
    waits: list = field(default_factory=list)

    @property
    def mean_wait_ms(self):
        return (
            sum(wait * share for wait, share in self.waits) / self.turns if self.turns else np.nan
        )

    def wait_quantile_ms(self, share):
        reached = 0.0
        for wait, part in sorted(self.waits):
            reached += part
            if reached >= share * self.turns - 1e-9:
                return wait
        return np.nan


def sounds_complete(rule, is_complete, confidence, threshold):
    if rule is Rule.SILENCE:
        return False
    if rule is Rule.PUNCTUATION:
        return bool(is_complete)
    if threshold >= 1:
        return False
    if threshold <= 0:
        return True
    return bool(is_complete) if np.isnan(confidence) else bool(confidence > threshold)


def thresholds(complete, min_ms, max_ms, assumptions):
    """The silences that may act, each with its probability."""
    early_ms = min(min_ms, max_ms)
    wrong = assumptions.complete_read_as_open if complete else assumptions.open_read_as_complete
    as_heard, misheard = (early_ms, max_ms) if complete else (max_ms, early_ms)
    return [(as_heard, 1 - wrong), (misheard, wrong)]


def replay_one(
    calls: list[CallPauses], grid: PolicyGrid, assumptions: Assumptions, min_ms: int, max_ms: int
) -> Counts:
    counts = Counts()
    for call in calls:
        _replay_call(call, grid, assumptions, (min_ms, max_ms), counts)
    return counts


def _replay_call(call, grid, assumptions, pair, counts):
    spared = {"any": {}, "mid": {}, "after": {}}
    for length, is_complete, confidence, turn in zip(
        call.hold_ms, call.hold_is_complete, call.hold_confidence, call.hold_turn, strict=True
    ):
        complete = sounds_complete(grid.rule, is_complete, confidence, grid.confidence)
        counts.counted_holds += length >= COUNTED_HOLD_MS
        reached = 0.0
        for threshold, probability in thresholds(complete, *pair, assumptions):
            if length >= threshold:
                reached += probability
                counts.cut_ins += probability
                counts.counted_cut_ins += probability * (length >= COUNTED_HOLD_MS)
                silent_until = threshold + assumptions.detection_delay_ms
                if length < silent_until + assumptions.first_audio_ms:
                    counts.cancelled_replies += probability
        if turn != NO_TURN:
            for kind in ("any", "after" if complete else "mid"):
                spared[kind][turn] = spared[kind].get(turn, 1.0) * (1 - reached)
    counts.turns += call.turn_own_ms.size
    counts.cut_in_turns += sum(1 - each for each in spared["any"].values())
    counts.mid_sentence_turns += sum(1 - each for each in spared["mid"].values())
    counts.after_sentence_turns += sum(1 - each for each in spared["after"].values())
    for own_ms, is_complete, confidence in zip(
        call.turn_own_ms, call.turn_is_complete, call.turn_confidence, strict=True
    ):
        complete = sounds_complete(grid.rule, is_complete, confidence, grid.confidence)
        for threshold, probability in thresholds(complete, *pair, assumptions):
            counts.waits.append((threshold + assumptions.detection_delay_ms, probability))
            counts.no_fires += probability * (own_ms < threshold)
