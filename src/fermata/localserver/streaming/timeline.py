"""What is heard in one channel, step by step in audio time: ms since the first sample."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word, as it is written, and who said it where that is known."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of audio that was either all speech or all silence.

    Attributes:
        until_ms: Where it ends; it begins where the step before ended.
        speech: Whether somebody spoke in it.
        final: Words that became certain at its end.
        tentative: Words that are uncertain from its end on, instead of all such before; None when
            that didn't change.
        settled: Whether at its end all speech so far has become words.
    """

    until_ms: int
    speech: bool
    final: tuple[Word, ...] = ()
    tentative: tuple[Word, ...] | None = None
    settled: bool = True
