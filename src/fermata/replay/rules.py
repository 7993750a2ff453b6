"""The documented end-of-turn rules: which silences a service takes for a turn's end early.

Every rule has two silences. One that sounds complete ends the turn after `min_turn_silence`,
any other after `max_turn_silence`; what sounds complete differs by model family.
"""

from enum import StrEnum
from fnmatch import fnmatchcase

import numpy as np

from fermata.replay.pauses import Flags, Numbers

DEFAULT_CONFIDENCE = 0.4
"""AssemblyAI's default `end_of_turn_confidence_threshold` for Universal-Streaming."""


class Rule(StrEnum):
    """What makes a silence sound complete.

    `CONFIDENCE` (Universal-Streaming): the end-of-turn confidence is above a threshold. A
    threshold of 1 is silence at the maximum alone, one of 0 silence at the minimum alone.
    `PUNCTUATION` (the Universal-3 family): the transcript ends in `.`, `?` or `!`.
    `SILENCE`: nothing does, so that the maximum alone acts; for talk without punctuation.
    """

    CONFIDENCE = "confidence"
    PUNCTUATION = "punctuation"
    SILENCE = "silence"


_RULES = (
    ("universal-streaming*", Rule.CONFIDENCE),
    ("u3-*", Rule.PUNCTUATION),
    ("universal-3*", Rule.PUNCTUATION),
)


def rule_of(speech_model: str) -> Rule | None:
    """The rule of a streaming model's family; None for a model that none is documented for."""
    return next((rule for pattern, rule in _RULES if fnmatchcase(speech_model, pattern)), None)


def sounds_complete(rule: Rule, is_complete: Flags, confidence: Numbers, threshold: float) -> Flags:
    """Which silences end a turn after the minimum.

    Args:
        rule: the model family's.
        is_complete: whether each follows a complete sentence.
        confidence: the end-of-turn confidence at each, NaN where unknown: there the
            sentence's end stands in for it.
        threshold: of the confidence, 0 to 1; read by `CONFIDENCE` alone.
    """
    if rule is Rule.SILENCE:
        return np.zeros_like(is_complete)
    if rule is Rule.PUNCTUATION:
        return is_complete
    if threshold >= 1:
        return np.zeros_like(is_complete)
    if threshold <= 0:
        return np.ones_like(is_complete)
    return np.where(np.isnan(confidence), is_complete, confidence > threshold)
