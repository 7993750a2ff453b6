"""Gaps: the signed time between one utterance and the next.

The guide's definition is `utterances[i + 1].start - utterances[i].end`, kept where it is
positive. Here every pair has its gap, and `positive` is the guide's choice among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fermata.turntaking.utterances import Utterance


@dataclass(frozen=True, slots=True)
class Gap:
    """What lies between two utterances that follow each other.

    Attributes:
        index: position of the pair in the recording, from 0.
        previous_speaker: who spoke before, None where unknown.
        next_speaker: who spoke after, None where unknown.
        previous_end_ms: when the earlier utterance ends.
        next_start_ms: when the later utterance starts.
    """

    index: int
    previous_speaker: str | None
    next_speaker: str | None
    previous_end_ms: int
    next_start_ms: int

    @property
    def gap_ms(self) -> int:
        """Next start minus previous end, in ms: above 0 is silence, below 0 is overlap."""
        return self.next_start_ms - self.previous_end_ms


def gaps_between(utterances: Sequence[Utterance]) -> tuple[Gap, ...]:
    """The gap of every pair of neighbours: n - 1 of them for n utterances.

    Args:
        utterances: in the order of their start, as `utterances_of` gives them.
    """
    return tuple(
        Gap(index, previous.speaker, following.speaker, previous.end_ms, following.start_ms)
        for index, (previous, following) in enumerate(pairwise(utterances))
    )


def positive(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """The gaps that the guide counts: those above zero, in their order."""
    return tuple(gap for gap in gaps if gap.gap_ms > 0)
