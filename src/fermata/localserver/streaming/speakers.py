"""Who said what: labels for the speakers of a reference, and what is corrected at the end.

Speakers are named A, B, … in the order in which they are first heard, and there are never more
than `max_speakers`: whoever comes later is taken for the last one. Where nothing tells who spoke,
as with the engine, there is one speaker, A.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from fermata.localserver.streaming.timeline import Word

JsonObject = dict[str, Any]

SHORT_SPEECH_MS = 1_000
"""Turns with less speech than this may get a placeholder instead of a label."""

_UNNAMED = ""


@dataclass(slots=True)
class Speakers:
    """The speakers of one session, and the turns whose labels are still to be corrected."""

    most: int
    placeholder: str | None
    _labels: dict[str, str] = field(default_factory=dict)
    _placeholders: list[JsonObject] = field(default_factory=list)

    def attribute(self, turn: JsonObject, words: Sequence[Word], speech_ms: int) -> JsonObject:
        """A final turn with the speaker of each word and of most of them."""
        labels = [self._label(word) for word in words]
        if not labels:
            return turn
        if self.placeholder is None or speech_ms >= SHORT_SPEECH_MS:
            return _labelled(turn, labels)
        truth = _labelled(turn, labels)
        self._placeholders.append(
            {key: truth[key] for key in ("turn_order", "speaker_label", "words")}
        )
        return _labelled(turn, [self.placeholder] * len(labels))

    def revisions(self) -> list[JsonObject]:
        """The turns that had a placeholder, with their true labels."""
        return list(self._placeholders)

    def _label(self, word: Word) -> str:
        """The label of who said that word."""
        known = len(self._labels)
        number = min(known, self.most - 1, len(ascii_uppercase) - 1)
        return self._labels.setdefault(word.speaker or _UNNAMED, ascii_uppercase[number])


def _labelled(turn: JsonObject, labels: Sequence[str]) -> JsonObject:
    """A turn with a label on each word, and the commonest of them on the whole."""
    words = [{**word, "speaker": label} for word, label in zip(turn["words"], labels, strict=True)]
    dominant = Counter(labels).most_common(1)[0][0]
    return {**turn, "words": words, "speaker_label": dominant}
