"""Hold music and long lapses: time in which nobody talks.

A lapse is nobody's cut-in and nobody's turn end, so a replay leaves it out. Much of such time
says that the recording is not what it seems: a caller on hold, or speech that was not recognised.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fermata.quality.models import CallFacts, Gate, GateFinding, GateVerdict
from fermata.quality.wording import named, percent, seconds
from fermata.turntaking import Conversation

STRETCH_MS = 5_000
"""The shortest stretch that counts: from here on a silence is a lapse whatever went before."""

LONG_STRETCH_MS = 30_000
"""A stretch as long as somebody on hold. Of 72 real conversations with words or chunks,
one has such a stretch (94.6 s, a break); of ami-only-words' 18 meetings two."""

WARN_FROM = 0.1
"""Share of the time. Measured: spjallromur 6.0 % (its worst conversation 30 %), naija-nsc 1.2 %,
earnings21 0.6 %, rhapsodie 0.4 %, ifadv 0 %, ami-only-words 6.1 %, voxconverse 0.9 %."""

REFUSE_FROM = 0.5
"""More silence than talk, which of 306 conversations one has (voxconverse, 54 %): what the
recogniser missed, or a queue, is larger than the evidence."""

WARN_LONG_FROM = 0.1
"""Share of calls with a stretch of more than `LONG_STRETCH_MS`: 4 % of spjallromur, 11 % of
ami-only-words' meetings, none elsewhere."""


@dataclass(frozen=True, slots=True)
class DeadAir:
    """The time in which nobody talks, between the first and the last word of a call.

    Attributes:
        silence_ms: in stretches of at least `STRETCH_MS`.
        long_stretches: how many last more than `LONG_STRETCH_MS`.
        longest_ms: the longest, of whatever length.
    """

    silence_ms: int
    long_stretches: int
    longest_ms: int


def dead_air(conversation: Conversation) -> DeadAir:
    """Finds the stretches in which nobody talks."""
    stretches = list(_stretches(conversation))
    return DeadAir(
        silence_ms=sum(length for length in stretches if length >= STRETCH_MS),
        long_stretches=sum(length > LONG_STRETCH_MS for length in stretches),
        longest_ms=max(stretches, default=0),
    )


def _stretches(conversation: Conversation) -> Iterator[int]:
    if not conversation.words:
        return
    end_ms = conversation.words[0].end_ms
    for word in conversation.words:
        if word.start_ms > end_ms:
            yield word.start_ms - end_ms
        end_ms = max(end_ms, word.end_ms)


def lapses_gate(facts: Sequence[CallFacts]) -> GateFinding:
    """Whether there is more talk than waiting."""
    span_ms = sum(each.span_ms for each in facts)
    if not span_ms:
        return GateFinding(Gate.LAPSES, GateVerdict.NOT_MEASURED, "no call has words", "nothing")
    share = sum(each.silence_ms for each in facts) / span_ms
    held = sorted(
        (each for each in facts if each.long_stretches),
        key=lambda each: (-each.longest_silence_ms, each.recording_id),
    )
    verdict = _verdict(share, len(held) / len(facts))
    do = "nothing; lapses are left out" if verdict is GateVerdict.PASS else _DO[verdict]
    return GateFinding(Gate.LAPSES, verdict, _saw(share, held, facts), do)


def _verdict(share: float, held_share: float) -> GateVerdict:
    if share >= REFUSE_FROM:
        return GateVerdict.REFUSE
    if share >= WARN_FROM or held_share >= WARN_LONG_FROM:
        return GateVerdict.WARN
    return GateVerdict.PASS


def _saw(share: float, held: Sequence[CallFacts], facts: Sequence[CallFacts]) -> str:
    longest_ms = max(each.longest_silence_ms for each in facts)
    saw = (
        f"nobody talks for 5 s or more in {percent(share)} of the time (longest: "
        f"{seconds(longest_ms)}); {len(held)} of {len(facts)} calls have more than 30 s of it "
        "at once"
    )
    return f"{saw}: {named(held)}" if held else saw


_DO = {
    GateVerdict.WARN: (
        "listen to the longest ones: cut hold music and queues out, or record the legs after "
        "the call is answered; lapses are left out of every figure"
    ),
    GateVerdict.REFUSE: (
        "check that speech is not missing from the transcripts (language, channel, hold music); "
        "leave out what is no conversation"
    ),
}
