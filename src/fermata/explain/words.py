"""What was said around a pause."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from fermata.turntaking import Conversation, Word

_WORDS = 8


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of one speaker on both sides of a pause.

    Attributes:
        before: the last ones before it.
        after: the first ones after it; empty where he says nothing more.
    """

    before: str
    after: str


def words_around(conversation: Conversation, speaker: str, start_ms: int) -> Spoken:
    """What a speaker says before and after a pause.

    Args:
        conversation: the whole call.
        speaker: who pauses.
        start_ms: when the pause starts: the end of one of his words.
    """
    words = conversation.by_speaker().get(speaker, ())
    first_after = bisect_left([word.start_ms for word in words], start_ms)
    last_before = bisect_right([word.end_ms for word in words], start_ms)
    before = words[max(0, last_before - _WORDS) : last_before]
    return Spoken(_text(before), _text(words[first_after : first_after + _WORDS]))


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words if word.text)
