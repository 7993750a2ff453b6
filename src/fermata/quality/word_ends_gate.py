"""What the gate makes of word ends that differ from the sound."""

import numpy as np

from fermata.quality.models import Gate, GateFinding, GateVerdict, WordEndSample
from fermata.quality.wording import percent

WARN_FROM_MS = 100
"""Median difference, late or early."""

REFUSE_FROM_MS = 300
"""From here on the shift is larger than the step between two presets (160 to 400 ms)."""

WARN_UNMATCHED_FROM = 0.4
"""Share of the sound's silences over which the words stretch."""

MIN_SILENCES = 20
"""With fewer the median is anybody's guess."""


def word_ends_gate(sample: WordEndSample | None) -> GateFinding:
    """Whether word ends lie where speech ends."""
    differences = _differences(sample)
    if sample is None or differences.size < MIN_SILENCES:
        return _finding(GateVerdict.NOT_MEASURED, _why_not(sample, differences.size), _DO_LISTEN)
    median_ms = float(np.median(differences))
    unmatched = sum(each.unmatched for each in sample.recordings)
    share = unmatched / (unmatched + differences.size)
    verdict = _verdict(abs(median_ms), share)
    saw = f"{_saw(sample, differences, median_ms)}; no silence in the words at {percent(share)}"
    if verdict is GateVerdict.PASS:
        return _finding(verdict, saw, "nothing")
    return _finding(verdict, saw, _do(median_ms))


def _differences(sample: WordEndSample | None) -> np.typing.NDArray[np.int64]:
    found = [] if sample is None else [d for r in sample.recordings for d in r.differences_ms]
    return np.array(found, dtype=np.int64)


def _verdict(off_ms: float, unmatched_share: float) -> GateVerdict:
    if off_ms >= REFUSE_FROM_MS:
        return GateVerdict.REFUSE
    if off_ms >= WARN_FROM_MS or unmatched_share >= WARN_UNMATCHED_FROM:
        return GateVerdict.WARN
    return GateVerdict.PASS


def _saw(sample: WordEndSample, differences: np.typing.NDArray[np.int64], median_ms: float) -> str:
    low, high = np.percentile(differences, [25, 75])
    minutes = sum(each.listened_ms for each in sample.recordings) / 60_000
    return (
        f"words end {abs(median_ms):.0f} ms {_side(median_ms)} the speech does (median; half lie "
        f"between {low:+.0f} and {high:+.0f} ms), at {differences.size} silences in "
        f"{minutes:.0f} minutes of {len(sample.recordings)} recordings"
    )


def _side(median_ms: float) -> str:
    return "later than" if median_ms >= 0 else "before"


def _do(median_ms: float) -> str:
    effect = "shorter" if median_ms >= 0 else "longer"
    change = "add" if median_ms >= 0 else "subtract"
    return (
        f"pauses look {abs(median_ms):.0f} ms {effect} than they are: {change} as much to each "
        "threshold, or use a recogniser whose word ends fit the sound"
    )


def _why_not(sample: WordEndSample | None, silences: int) -> str:
    if sample is None:
        return "nobody listened to the audio"
    return (
        f"{silences} silences in {len(sample.recordings)} recordings "
        f"({MIN_SILENCES} needed); the audio of {sample.not_at_hand} was not at hand"
    )


_DO_LISTEN = "make the audio of some recordings available, so that word ends can be compared"


def _finding(verdict: GateVerdict, saw: str, do: str) -> GateFinding:
    return GateFinding(Gate.WORD_ENDS, verdict, saw, do)
