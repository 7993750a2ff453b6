"""What the engine hands out: words with times, per channel. Plain data, cheap to import."""

from dataclasses import dataclass

MODEL_NAME = "pocketsphinx-en-us"
"""What a transcript calls the model that made it; the language is American English."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word of one channel, in ms from the start of the recording."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in one recording, channel by channel."""

    duration_s: float
    channels: tuple[tuple[SpokenWord, ...], ...]
