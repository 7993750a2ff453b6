"""Whether short pauses were marked at all.

Thresholds between 100 and 3,600 ms act on pauses of that length. Segment lists made by ear mark
few pauses under about a second; a replay on them finds next to no cut-in at any threshold.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from fermata.quality.bounds import rate_bounds, share_bounds
from fermata.quality.models import CallFacts, Gate, GateFinding, GateVerdict
from fermata.quality.wording import named, percent
from fermata.turntaking import Silence, SilenceKind, TurnTaking, Unit

CLASSES_MS = (200, 500, 1_000, 3_000)
"""Borders of the classes of silences; below 200 ms a recogniser's word ends decide alone."""

MIN_PER_MINUTE = 2.5
"""Pauses of 200 to below 1,000 ms per minute of speech. Measured: spjallromur 16.7, earnings21
18.9 (two other recognisers 11.3), rhapsodie 10.8, ifadv 10.7, naija-nsc 4.4; against
voxconverse 1.3 and ami-only-words 0.5. The border is the geometric mean of 4.4 and 1.3."""

MIN_SHARE = 0.5
"""Share of those among the pauses of 200 to below 3,000 ms. Measured: 0.70 (spjallromur) to 0.95
(naija-nsc) against 0.23 (ami-only-words); voxconverse's 0.71 shows why the rate is needed too."""

LONG_PIECE_MS = 700
"""Mean length of a timed piece: words last 210 to 330 ms in every set here, chunks and segments
1,300 ms and more. Longer ones are utterances that came without words."""

MIN_CALL_SPEECH_MS = 120_000
"""Calls with less speech are not judged one by one."""

WARN_FROM = 0.25
"""Share of the speech in calls that alone would be refused: 0 in the five sets with words."""


def pauses_by_class(found: TurnTaking) -> tuple[int, int, int]:
    """How many pauses a conversation has of 200, 500 and 1,000 ms, up to the next class."""
    shortest, short, medium, long = CLASSES_MS
    lengths = [silence.own_ms or 0 for silence in _held(found)]
    return (
        sum(shortest <= length < short for length in lengths),
        sum(short <= length < medium for length in lengths),
        sum(medium <= length < long for length in lengths),
    )


def _held(found: TurnTaking) -> Iterable[Silence]:
    for silences in found.silences.values():
        yield from (silence for silence in silences if silence.kind is SilenceKind.HOLD)


def short_pauses_gate(facts: Sequence[CallFacts]) -> GateFinding:
    """Whether the calls have as many short pauses as speech has."""
    speech_ms = sum(each.speech_ms for each in facts)
    if not speech_ms:
        return _finding(GateVerdict.REFUSE, "no speech in any call", "check the transcripts")
    saw = _saw(facts, speech_ms)
    if _has_too_few(facts):
        return _finding(GateVerdict.REFUSE, saw, _DO_REFUSED)
    poor = [e for e in facts if e.speech_ms >= MIN_CALL_SPEECH_MS and _has_too_few([e])]
    poor_share = sum(each.speech_ms for each in poor) / speech_ms
    if poor_share >= WARN_FROM:
        also = f"; {len(poor)} calls ({percent(poor_share)} of the speech) have too few: "
        return _finding(GateVerdict.WARN, saw + also + named(poor), _DO_REFUSED)
    if not _has_enough(facts, speech_ms):
        return _finding(GateVerdict.WARN, saw + "; too little speech to be sure", _DO_FEW)
    return _unit_finding(facts, speech_ms, saw)


def _unit_finding(facts: Sequence[CallFacts], speech_ms: int, saw: str) -> GateFinding:
    coarse = [each for each in facts if _is_coarse(each)]
    share = sum(each.speech_ms for each in coarse) / speech_ms
    if share >= WARN_FROM:
        units = ", ".join(sorted({each.unit for each in coarse}))
        also = f"; {percent(share)} of the speech comes in pieces ({units}), not in words"
        return _finding(GateVerdict.WARN, saw + also, _DO_COARSE)
    return _finding(GateVerdict.PASS, saw, "nothing")


def _is_coarse(call: CallFacts) -> bool:
    """Whether a call comes in pieces longer than words."""
    return call.unit != Unit.WORD or call.speech_ms > LONG_PIECE_MS * call.pieces


def _counts(facts: Sequence[CallFacts]) -> tuple[int, int]:
    short = sum(each.pauses_from_200_ms + each.pauses_from_500_ms for each in facts)
    return short, short + sum(each.pauses_from_1000_ms for each in facts)


def _has_too_few(facts: Sequence[CallFacts]) -> bool:
    short, total = _counts(facts)
    _, rate = rate_bounds(short, sum(each.speech_ms for each in facts) / 60_000)
    _, share = share_bounds(short, total)
    return rate < MIN_PER_MINUTE or share < MIN_SHARE


def _has_enough(facts: Sequence[CallFacts], speech_ms: int) -> bool:
    short, total = _counts(facts)
    rate, _ = rate_bounds(short, speech_ms / 60_000)
    share, _ = share_bounds(short, total)
    return rate >= MIN_PER_MINUTE and share >= MIN_SHARE


def _saw(facts: Sequence[CallFacts], speech_ms: int) -> str:
    short, total = _counts(facts)
    units = ", ".join(name for name, _ in Counter(each.unit for each in facts).most_common())
    share = percent(short / total) if total else "none"
    return (
        f"{60_000 * short / speech_ms:.1f} pauses of 200 to 1,000 ms per minute of speech "
        f"({MIN_PER_MINUTE} needed), {share} of those below 3 s (50 % needed), "
        f"in {len(facts)} calls with {speech_ms / 60_000:.0f} minutes of speech; unit: {units}"
    )


def _finding(verdict: GateVerdict, saw: str, do: str) -> GateFinding:
    return GateFinding(Gate.SHORT_PAUSES, verdict, saw, do)


_DO_REFUSED = (
    "transcribe with word times (not segments or utterances), or leave these calls out; "
    "thresholds cannot be drawn from pauses that nobody marked"
)
_DO_FEW = "add calls until the verdict is clear"
_DO_COARSE = (
    "prefer transcripts with word times; only pauses between pieces are seen, "
    "and no end of a sentence inside them"
)
