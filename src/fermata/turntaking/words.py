"""Words with their times and speakers: what turn-taking is read from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

TERMINAL_MARKS = (".", "?", "!")
"""Marks that end a sentence, as AssemblyAI's rule for the Universal-3 family reads them."""

_CLOSING_QUOTES = "\"')\u00bb\u201d\u2019"


class Unit(StrEnum):
    """What one timed piece of a source holds."""

    WORD = "word"
    CHUNK = "chunk"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Word:
    """One timed piece of speech: a word, or a chunk or segment where the source has no words.

    Attributes:
        speaker: label or channel of whoever says it.
        start_ms: when it starts, on the clock that all speakers of the conversation share.
        end_ms: when it ends, not before `start_ms`.
        text: with its punctuation; empty where the source has none.
        end_of_turn_confidence: what a streaming model said after it, 0 to 1; None if unknown.
    """

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    end_of_turn_confidence: float | None = None

    @property
    def ends_sentence(self) -> bool:
        """Whether the text ends in a terminal mark, perhaps before a closing quote."""
        return self.text.rstrip(_CLOSING_QUOTES).endswith(TERMINAL_MARKS)

    @property
    def asks(self) -> bool:
        """Whether the text ends in a question mark."""
        return self.text.rstrip(_CLOSING_QUOTES).endswith("?")

    @property
    def count(self) -> int:
        """How many words it holds: more than one in a chunk, one where there is no text."""
        return len(self.text.split()) or 1


@dataclass(frozen=True, slots=True)
class Conversation:
    """The words of one recording.

    Attributes:
        words: sorted by start, then by end.
        unit: what one of them holds.
        is_punctuated: whether terminal marks can be relied on; without them every silence is
            open, and a rule is replayed as silence alone.
        roles: what is known of speakers (`agent`, `caller`), by label.
    """

    words: tuple[Word, ...]
    unit: Unit
    is_punctuated: bool
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls,
        words: Iterable[Word],
        *,
        unit: Unit = Unit.WORD,
        is_punctuated: bool | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> "Conversation":
        """A conversation of words in any order; those without marks are not punctuated."""
        found = tuple(sorted(words, key=lambda word: (word.start_ms, word.end_ms)))
        if is_punctuated is None:
            is_punctuated = any(word.ends_sentence for word in found)
        return cls(found, unit, is_punctuated, MappingProxyType(dict(roles or {})))

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers' labels in order of the alphabet."""
        return tuple(sorted({word.speaker for word in self.words}))

    def by_speaker(self) -> dict[str, tuple[Word, ...]]:
        """Each speaker's words in order."""
        found: defaultdict[str, list[Word]] = defaultdict(list)
        for word in self.words:
            found[word.speaker].append(word)
        return {speaker: tuple(found[speaker]) for speaker in sorted(found)}

    def speakers_with_role(self, roles: Collection[str]) -> tuple[str, ...]:
        """The speakers who have one of these roles; none where no role is known."""
        return tuple(name for name in self.speakers if self.roles.get(name) in roles)
