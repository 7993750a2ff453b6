"""The streaming models: their families, who knows which when, and the turns they make."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fermata.localserver.era import Era

SHORTEST_SILENCE_MS = 50
LONGEST_SILENCE_MS = 10_000
"""Silences outside of these are taken for the nearest of them, not refused."""

PARTIAL_LAG_MS = 256
"""The first words amid speech come this much after `interruption_delay`."""

PARTIAL_EVERY_MS = 1_000
PARTIAL_EVERY_DIARIZED_MS = 3_000

LONGEST_TURN_MS = 60_000
LONGEST_TURN_DIARIZED_MS = 10_000


class Family(StrEnum):
    """Models that end turns by the same rule."""

    UNIVERSAL_STREAMING = "universal-streaming"
    U3_RT_PRO = "u3-rt-pro"
    UNIVERSAL_3_5 = "universal-3-5"


class Mode(StrEnum):
    """The presets of the Universal-3.5 models."""

    MIN_LATENCY = "min_latency"
    BALANCED = "balanced"
    MAX_ACCURACY = "max_accuracy"


FAMILIES: Final[dict[str, Family]] = {
    "universal-streaming-english": Family.UNIVERSAL_STREAMING,
    "universal-streaming-multilingual": Family.UNIVERSAL_STREAMING,
    "whisper-rt": Family.UNIVERSAL_STREAMING,
    "u3-rt-pro": Family.U3_RT_PRO,
    "u3-rt-pro-beta-1": Family.U3_RT_PRO,
    "u3-rt-agent": Family.U3_RT_PRO,
    "universal-3-5-pro": Family.UNIVERSAL_3_5,
    "universal-3-6-pro": Family.UNIVERSAL_3_5,
    "universal-3-6": Family.UNIVERSAL_3_5,
    "universal-3-7-preview": Family.UNIVERSAL_3_5,
    "_universal-3-5-notetaker": Family.UNIVERSAL_3_5,
}
"""All models, in the order in which the service lists them."""

_SPRING = ("universal-streaming-english", "universal-streaming-multilingual", "whisper-rt")
_SPRING_U3 = ("u3-rt-pro", "u3-rt-pro-beta-1")

MODELS: Final[dict[Era, tuple[str, ...]]] = {
    Era.SPRING: (*_SPRING, *_SPRING_U3),
    Era.SUMMER: (*_SPRING, *_SPRING_U3, "u3-rt-agent", "universal-3-5-pro"),
    Era.AUTUMN: tuple(FAMILIES),
}
"""The models that each era accepts; autumn as measured on the service, the others as announced."""

DEFAULT_MODELS: Final[dict[Era, str | None]] = {
    Era.SPRING: None,
    Era.SUMMER: "universal-3-5-pro",
    Era.AUTUMN: "universal-3-6-pro",
}
"""The model of a session that names none; in spring it had to name one."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """What decides where turns end; see `fermata.localserver.streaming.turn_rule`.

    Attributes:
        min_turn_silence_ms: Silence that ends a turn, or has its words looked at.
        max_turn_silence_ms: Silence that ends any turn.
        confidence_threshold: What confidence a turn must pass, with Universal-Streaming.
        vad_threshold: What probability of speech counts as speech.
        first_partial_ms: When words amid speech are first told, None for never.
        partial_every_ms: How much later they are told again.
        longest_turn_ms: How long a turn may last, None for ever.
    """

    min_turn_silence_ms: int
    max_turn_silence_ms: int
    vad_threshold: float
    confidence_threshold: float = 0.4
    first_partial_ms: int | None = None
    partial_every_ms: int = PARTIAL_EVERY_MS
    longest_turn_ms: int | None = None


_UNIVERSAL_STREAMING = TurnSettings(400, 1280, vad_threshold=0.4)
_U3_RT_PRO = TurnSettings(100, 1000, vad_threshold=0.3)


def _of_mode(min_ms: int, max_ms: int, delay_ms: int) -> TurnSettings:
    """The settings of a mode."""
    return TurnSettings(
        min_ms,
        max_ms,
        vad_threshold=0.2,
        first_partial_ms=delay_ms + PARTIAL_LAG_MS,
        longest_turn_ms=LONGEST_TURN_MS,
    )


_MODES: Final[dict[Mode, TurnSettings]] = {
    Mode.MIN_LATENCY: _of_mode(128, 640, 0),
    Mode.BALANCED: _of_mode(128, 1280, 500),
    Mode.MAX_ACCURACY: _of_mode(512, 2560, 500),
}

_DIARIZED = TurnSettings(
    640,
    768,
    vad_threshold=0.5,
    first_partial_ms=500 + PARTIAL_LAG_MS,
    partial_every_ms=PARTIAL_EVERY_DIARIZED_MS,
    longest_turn_ms=LONGEST_TURN_DIARIZED_MS,
)
"""With `speaker_labels`, a profile of its own takes the place of the mode, without a warning."""


def default_settings(model: str, mode: Mode, *, diarized: bool) -> TurnSettings:
    """The settings of a session that sets none itself.

    Args:
        model: One of `FAMILIES`.
        mode: Counts with the 3.5 models only.
        diarized: Whether speakers are told apart; counts with the 3.5 models only.
    """
    match FAMILIES[model]:
        case Family.UNIVERSAL_STREAMING:
            return _UNIVERSAL_STREAMING
        case Family.U3_RT_PRO:
            return _U3_RT_PRO
        case Family.UNIVERSAL_3_5:
            return _DIARIZED if diarized else _MODES[mode]


def clamped(silence_ms: int) -> int:
    """A silence within what the service goes by."""
    return min(max(silence_ms, SHORTEST_SILENCE_MS), LONGEST_SILENCE_MS)
