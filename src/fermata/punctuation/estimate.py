"""From the silences of several calls to two shares with their intervals."""

from collections.abc import Sequence

import numpy as np

from fermata.punctuation.comparison import Tally, Verdicts
from fermata.punctuation.models import LeftOut, MeasuredShare
from fermata.replay.pauses import Numbers
from fermata.thresholds.bootstrap import SAMPLES, interval, wilson

_SEED = 20_100_401


def measured_share(calls: Sequence[Tally]) -> MeasuredShare:
    """The share of silences taken for the other kind, over all calls, with its 95 % interval.

    The interval comes from a bootstrap over calls and is never narrower than Wilson's, which
    takes silences for independent; for one call it is Wilson's. See
    `fermata.thresholds.bootstrap` for both.
    """
    silences = np.array([call.silences for call in calls], np.float64)
    wrong = np.array([call.wrong for call in calls], np.float64)
    total = silences.sum()
    if not total:
        return MeasuredShare(silences=0, wrong=0, share=None, low=0.0, high=1.0)
    share = wrong.sum() / total
    lowest, highest = (float(end) for end in wilson(np.array(share), float(total)))
    if np.count_nonzero(silences) > 1:
        drawn_low, drawn_high = _drawn(silences[silences > 0], wrong[silences > 0])
        lowest, highest = min(lowest, drawn_low), max(highest, drawn_high)
    return MeasuredShare(
        silences=int(total), wrong=int(wrong.sum()), share=float(share), low=lowest, high=highest
    )


def left_out_of(calls: Sequence[Verdicts]) -> dict[LeftOut, int]:
    """The silences of all calls that could not be compared, by reason."""
    counts = {why: sum(call.left_out.get(why, 0) for call in calls) for why in LeftOut}
    return {why: count for why, count in counts.items() if count}


def _drawn(silences: Numbers, wrong: Numbers) -> tuple[float, float]:
    """The bootstrap interval; each call holds at least one silence."""
    calls = silences.size
    weights = np.random.default_rng(_SEED).multinomial(calls, np.full(calls, 1 / calls), SAMPLES)
    effective_calls = float(silences.sum() ** 2 / (silences**2).sum())
    low, high = interval((weights @ wrong) / (weights @ silences), effective_calls)
    return float(low), float(high)
