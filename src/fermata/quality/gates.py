"""All gates, one after the other."""

from collections.abc import Sequence

from fermata.quality.models import CallFacts, GateFinding, WordEndSample


def examine(facts: Sequence[CallFacts], word_ends: WordEndSample | None) -> tuple[GateFinding, ...]:
    """What each gate says of some calls: of a run, or of a group.

    Args:
        facts: of every call in the evidence, in any order.
        word_ends: measured on some of them; None where nobody looked at the audio.

    Returns:
        One finding per gate, in the order of `Gate`.
    """
    raise NotImplementedError
