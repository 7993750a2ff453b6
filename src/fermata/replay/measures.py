"""What a policy does to callers: cut-ins, waits, and silences that never end a turn."""

from dataclasses import dataclass

import numpy as np

from fermata.replay.pauses import Numbers
from fermata.replay.policies import Assumptions, PolicyGrid


@dataclass(frozen=True, slots=True)
class Measures:
    """Expected totals over calls; shapes (..., minima, maxima), or ones that broadcast to it.

    A cut-in is a hold as long as the silence that ends a turn there. Rates are shares from 0
    to 1; where nothing was counted they are NaN.

    Attributes:
        grid: the policies.
        assumptions: what was assumed of the live system.
        turns: finished turns.
        speech_minutes: of the speakers analysed.
        counted_holds: holds of 200 ms or more.
        cut_in_turns: turns with at least one cut-in.
        mid_sentence_turns: turns with at least one in an open hold (max_turn_silence governs).
        after_sentence_turns: turns with one in a complete hold (min_turn_silence governs).
        cut_ins: all cut-ins, in finished turns or not.
        counted_cut_ins: those in holds of 200 ms or more.
        cancelled_replies: those over before the agent's first sound.
        no_fires: turn ends whose speaker goes on before the silence is long enough.
        early_answers: turn ends that are answered after the minimum.
    """

    grid: PolicyGrid
    assumptions: Assumptions
    turns: Numbers
    speech_minutes: Numbers
    counted_holds: Numbers
    cut_in_turns: Numbers
    mid_sentence_turns: Numbers
    after_sentence_turns: Numbers
    cut_ins: Numbers
    counted_cut_ins: Numbers
    cancelled_replies: Numbers
    no_fires: Numbers
    early_answers: Numbers

    @property
    def cut_in_rate(self) -> Numbers:
        """Share of turns with a cut-in of any kind."""
        return _share(self.cut_in_turns, self.turns)

    @property
    def mid_sentence_rate(self) -> Numbers:
        """Share of turns with a mid-sentence cut-in."""
        return _share(self.mid_sentence_turns, self.turns)

    @property
    def after_sentence_rate(self) -> Numbers:
        """Share of turns with a cut-in after a complete sentence."""
        return _share(self.after_sentence_turns, self.turns)

    @property
    def no_fire_rate(self) -> Numbers:
        """Share of turn ends at which the rule has no chance to fire."""
        return _share(self.no_fires, self.turns)

    @property
    def cancelled_share(self) -> Numbers:
        """Share of cut-ins that are over before the agent is heard."""
        return _share(self.cancelled_replies, self.cut_ins)

    @property
    def cut_ins_per_minute(self) -> Numbers:
        """Cut-ins per minute of speech."""
        return _share(self.cut_ins, self.speech_minutes)

    @property
    def cut_ins_per_hold(self) -> Numbers:
        """Cut-ins per hold of 200 ms or more."""
        return _share(self.counted_cut_ins, self.counted_holds)

    @property
    def mean_wait_ms(self) -> Numbers:
        """Mean time from the end of a turn to the end-of-turn message."""
        early = _share(self.early_answers, self.turns)
        waits = early * self.grid.early_ms + (1 - early) * self.grid.max_ms
        return np.asarray(waits + self.assumptions.detection_delay_ms, np.float64)

    def wait_quantile_ms(self, share: float) -> Numbers:
        """The wait that this share of turn ends does not exceed.

        The inverse of the distribution (definition 1 of Hyndman & Fan 1996): as a turn end
        is answered after one of two times, an average between them would never occur.

        Args:
            share: above 0, at most 1; 0.9 for P90.
        """
        is_early = self.early_answers >= share * self.turns
        wait: Numbers = np.where(is_early, self.grid.early_ms, self.grid.max_ms).astype(float)
        wait[np.broadcast_to(self.turns == 0, wait.shape)] = np.nan
        return np.asarray(wait + self.assumptions.detection_delay_ms, np.float64)


def _share(part: Numbers, whole: Numbers) -> Numbers:
    shape = np.broadcast_shapes(part.shape, whole.shape)
    empty = np.full(shape, np.nan)
    shares: Numbers = np.divide(part, whole, out=empty, where=np.broadcast_to(whole > 0, shape))
    return shares
