"""All gates, one after the other."""

from collections.abc import Sequence

from fermata.quality.clocks import clocks_gate
from fermata.quality.lapses import lapses_gate
from fermata.quality.models import CallFacts, GateFinding, WordEndSample
from fermata.quality.recognisers import recognisers_gate
from fermata.quality.short_pauses import short_pauses_gate
from fermata.quality.speakers import speakers_gate
from fermata.quality.word_ends_gate import word_ends_gate


def examine(facts: Sequence[CallFacts], word_ends: WordEndSample | None) -> tuple[GateFinding, ...]:
    """What each gate says of some calls: of a run, or of a group.

    Args:
        facts: of every call in the evidence, in any order.
        word_ends: measured on some of them; None where nobody looked at the audio.

    Returns:
        One finding per gate, in the order of `Gate`; the same calls give the same findings.
    """
    calls = sorted(facts, key=lambda each: (each.recording_id, each.options_hash))
    return (
        short_pauses_gate(calls),
        recognisers_gate(calls),
        clocks_gate(calls),
        speakers_gate(calls),
        lapses_gate(calls),
        word_ends_gate(word_ends),
    )
