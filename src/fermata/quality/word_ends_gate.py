"""What the gate makes of word ends that differ from the sound."""

import numpy as np
from numpy.typing import NDArray

from fermata.quality.models import Gate, GateFinding, GateVerdict, WordEndSample
from fermata.quality.wording import percent

Integers = NDArray[np.int64]

WARN_FROM_MS = 100
"""Median difference, late or early. With all word ends 100 ms late, the share of turns which the
Balanced preset cuts in on goes from 53.6 to 49.7 % on earnings21, from 23.4 to 19.5 % on
rhapsodie, from 3.4 to 2.2 % on ifadv and stays at 28 % on spjallromur: as far as the interval
of 40 calls reaches."""

REFUSE_FROM_MS = 300
"""With all word ends 300 ms late, the same shares are 41.7, 15.8, 1.1 and 26.3 %: up to 12
points, more than lies between two policies worth comparing."""

WARN_UNMATCHED_FROM = 0.3
"""Share of the sound's silences which the words stretch over. The local engine leaves none; on
two calls of earnings21 one service marks 20 % fewer pauses than the service that marks most."""

REFUSE_UNMATCHED_FROM = 0.7
"""The service that marks fewest leaves out 59 % of them; a segment list (an excerpt of AMI against
its audio) 92 %."""

MIN_SILENCES = 20
"""With fewer, the median is anybody's guess."""


def word_ends_gate(sample: WordEndSample | None) -> GateFinding:
    """Whether word ends lie where speech ends."""
    if sample is None:
        saw = "nobody listened to the audio"
        return _finding(GateVerdict.NOT_MEASURED, saw, _DO_LISTEN)
    differences = _differences(sample)
    unmatched = sum(each.unmatched for each in sample.recordings)
    silences = differences.size + unmatched
    if silences < MIN_SILENCES:
        return _finding(GateVerdict.NOT_MEASURED, _too_few(sample, silences), _DO_LISTEN)
    median_ms = float(np.median(differences)) if differences.size else 0.0
    verdict = _verdict(abs(median_ms), unmatched / silences)
    saw = f"{_saw(sample, differences, median_ms)}; {_unmatched(unmatched, silences)}"
    do = "nothing" if verdict is GateVerdict.PASS else _do(median_ms, unmatched / silences)
    return _finding(verdict, saw, do)


def _differences(sample: WordEndSample) -> Integers:
    found = [each for recording in sample.recordings for each in recording.differences_ms]
    return np.array(found, dtype=np.int64)


def _verdict(off_ms: float, unmatched_share: float) -> GateVerdict:
    if off_ms >= REFUSE_FROM_MS or unmatched_share >= REFUSE_UNMATCHED_FROM:
        return GateVerdict.REFUSE
    if off_ms >= WARN_FROM_MS or unmatched_share >= WARN_UNMATCHED_FROM:
        return GateVerdict.WARN
    return GateVerdict.PASS


def _saw(sample: WordEndSample, differences: Integers, median_ms: float) -> str:
    minutes = sum(each.listened_ms for each in sample.recordings) / 60_000
    where = f"in {minutes:.1f} minutes of {len(sample.recordings)} recordings"
    if not differences.size:
        return f"no silence of the sound has a counterpart in the words {where}"
    low_ms, high_ms = np.percentile(differences, [25, 75])
    return (
        f"words end {abs(median_ms):.0f} ms {_side(median_ms)} the speech does (median; half of "
        f"them between {low_ms:+.0f} and {high_ms:+.0f} ms) at {differences.size} silences {where}"
    )


def _unmatched(unmatched: int, silences: int) -> str:
    return f"words stretch over {percent(unmatched / silences)} of the sound's silences"


def _side(median_ms: float) -> str:
    return "later than" if median_ms >= 0 else "before"


def _do(median_ms: float, unmatched_share: float) -> str:
    parts = []
    if abs(median_ms) >= WARN_FROM_MS:
        length = "shorter" if median_ms > 0 else "longer"
        change = "add as much to" if median_ms > 0 else "take as much from"
        parts.append(
            f"pauses look {abs(median_ms):.0f} ms {length} than they are: {change} each threshold"
        )
    if unmatched_share >= WARN_UNMATCHED_FROM:
        parts.append("cut-ins are counted too low, since pauses are missing")
    return "; ".join([*parts, "or better, use a recogniser whose word ends fit the sound"])


def _too_few(sample: WordEndSample, silences: int) -> str:
    return (
        f"{silences} silences in {len(sample.recordings)} recordings ({MIN_SILENCES} needed); "
        f"the audio of {sample.not_at_hand} was not at hand"
    )


_DO_LISTEN = "make the audio of some recordings available, so that word ends can be compared"


def _finding(verdict: GateVerdict, saw: str, do: str) -> GateFinding:
    return GateFinding(Gate.WORD_ENDS, verdict, saw, do)
