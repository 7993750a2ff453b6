"""When a stretch of words is a whole sentence, and how it is written.

The local engine has no punctuation model. Of what it heard, a stretch is taken for complete
unless its last word is one that English sentences rarely end with; the vendor's models judge
that far better. A reference transcript with punctuation speaks for itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fermata.localserver.streaming.timeline import Word

COMPLETE = 0.9
INCOMPLETE = 0.1
"""How sure the end of a turn is; there is nothing in between."""

SURE_FROM = 0.5

_TERMINAL = (".", "?", "!")
_MARKS = ".,;:?!—"

_ENDINGS_THAT_GO_ON = (
    "a about after also am an and are as at be because been before but by can could did do does "
    "for from had has have he her his i if in into is it's its like may my no of on or our she "
    "should so some than that the their then they this to uh um until very was we were when "
    "where which while who why will with would your"
)
_GOES_ON = frozenset(_ENDINGS_THAT_GO_ON.split())
"""Words that rarely end an English sentence: articles, conjunctions, prepositions, auxiliaries,
subject pronouns, fillers."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The language of the engine: lower case, no marks."""

    def confidence(self, words: Sequence[Word]) -> float:
        """How sure it is that `words` end a turn, by the last of them."""
        return INCOMPLETE if not words or bare(words[-1].text) in _GOES_ON else COMPLETE

    def written(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words with a capital at the beginning."""
        if not words:
            return ()
        first = replace(words[0], text=_capital(words[0].text))
        return (first, *words[1:])

    def ended(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words of a whole turn, with a full stop where they are complete."""
        written = self.written(words)
        if self.confidence(words) < SURE_FROM:
            return written
        return (*written[:-1], replace(written[-1], text=f"{written[-1].text}."))


@dataclass(frozen=True, slots=True)
class Written:
    """The language of a reference with punctuation."""

    def confidence(self, words: Sequence[Word]) -> float:
        """How sure it is that `words` end a turn, by the mark at their end."""
        return COMPLETE if words and words[-1].text.endswith(_TERMINAL) else INCOMPLETE

    def written(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words as they are."""
        return tuple(words)

    def ended(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words as they are."""
        return tuple(words)


Language = Heard | Written


def language_of(words: Sequence[Word]) -> Language:
    """The language of a reference: written, if there is one mark that ends a sentence in it."""
    return Written() if any(word.text.endswith(_TERMINAL) for word in words) else Heard()


def raw(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words in lower case, without marks."""
    return tuple(replace(word, text=bare(word.text)) for word in words)


def broken_off(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of a sentence that isn't over: they end with an em dash."""
    last = replace(words[-1], text=f"{words[-1].text.rstrip(_MARKS)}—")
    return (*words[:-1], last)


def text_of(words: Sequence[Word]) -> str:
    """The words in a row."""
    return " ".join(word.text for word in words)


def bare(text: str) -> str:
    """A word in lower case, without marks around it."""
    return text.strip(_MARKS).lower()


def _capital(text: str) -> str:
    """A word with its first letter large."""
    return text[:1].upper() + text[1:]
