"""Inter-pausal units: one speaker's words between silences.

Skantze 2021, Heldner & Edlund 2010: speech bounded by silence of at least a threshold,
commonly 180 to 200 ms.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from fermata.turntaking.words import Conversation, Word

IPU_SILENCE_MS = 180
"""Words of a speaker closer than this belong to one unit (turn-taking research: 180-200 ms)."""


@dataclass(frozen=True, slots=True)
class Ipu:
    """An inter-pausal unit.

    Attributes:
        speaker: who speaks.
        start_ms: when its first word starts.
        end_ms: when the last of its words to end does so.
        words: in order of their start, at least one.
    """

    speaker: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]

    @property
    def duration_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms

    @property
    def word_count(self) -> int:
        """How many words it holds."""
        return sum(word.count for word in self.words)

    def pauses(self) -> Iterable[tuple[Word, Word]]:
        """Each word but the first, after the word before it that is over last."""
        return zip(accumulate(self.words, _over_later), self.words[1:], strict=False)


def _over_later(word: Word, following: Word) -> Word:
    return max(word, following, key=lambda each: each.end_ms)


def ipus_of(conversation: Conversation) -> dict[str, tuple[Ipu, ...]]:
    """Each speaker's inter-pausal units, in order.

    A word that lies wholly inside a longer one of the same speaker ends no unit: a unit
    lasts until the last of its words is over.
    """
    return {
        speaker: tuple(_joined(speaker, words))
        for speaker, words in conversation.by_speaker().items()
    }


def _joined(speaker: str, words: tuple[Word, ...]) -> Iterable[Ipu]:
    members: list[Word] = []
    end_ms = 0
    for word in words:
        if members and word.start_ms - end_ms >= IPU_SILENCE_MS:
            yield Ipu(speaker, members[0].start_ms, end_ms, tuple(members))
            members = []
        end_ms = max(end_ms, word.end_ms) if members else word.end_ms
        members.append(word)
    if members:
        yield Ipu(speaker, members[0].start_ms, end_ms, tuple(members))
