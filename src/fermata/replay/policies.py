"""What is replayed: pairs of silences, and what is assumed about the live system."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from fermata.errors import UsageError
from fermata.replay.pauses import Integers
from fermata.replay.rules import DEFAULT_CONFIDENCE, Rule

FIRST_AUDIO_MS = 700
"""An agent's time from the end of the turn to its first sound, if nothing is said about it."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the recordings cannot tell; stated in every result.

    Attributes:
        detection_delay_ms: constant time from the silence to the end-of-turn message: `d`.
        first_audio_ms: the agent's time from that message to its first sound.
        complete_read_as_open: share of complete silences which the streaming model takes for
            open ones: `q`.
        open_read_as_complete: share of open silences which it takes for complete ones: `m`.
    """

    detection_delay_ms: int = 0
    first_audio_ms: int = FIRST_AUDIO_MS
    complete_read_as_open: float = 0.0
    open_read_as_complete: float = 0.0

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
            UsageError: a share is not within 0 and 1, or a time is negative.
        """
        for name in ("complete_read_as_open", "open_read_as_complete"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"{name} is a share: give a number from 0 to 1")
        for name in ("detection_delay_ms", "first_audio_ms"):
            if getattr(self, name) < 0:
                raise UsageError(f"{name} is below 0: give a time in ms from 0 up")

    @property
    def until_audible_ms(self) -> int:
        """From the end of the silence that fires to the agent's first sound."""
        return self.detection_delay_ms + self.first_audio_ms


@dataclass(frozen=True, slots=True)
class PolicyGrid:
    """A plane of policies: each minimum with each maximum.

    Where the minimum is above the maximum, the maximum acts for both, as in the services.

    Attributes:
        min_ms: increasing.
        max_ms: increasing.
        rule: of the model family.
        confidence: end-of-turn confidence threshold, read by `Rule.CONFIDENCE` alone.
    """

    min_ms: Integers
    max_ms: Integers
    rule: Rule = Rule.PUNCTUATION
    confidence: float = DEFAULT_CONFIDENCE

    def __post_init__(self) -> None:
        """Checks the order.

        Raises:
            UsageError: a list is empty, not increasing, or holds a silence below 1 ms.
        """
        for name in ("min_ms", "max_ms"):
            values = getattr(self, name)
            if not values.size or values[0] < 1 or np.any(np.diff(values) <= 0):
                raise UsageError(f"{name}: give increasing silences in ms, each above 0")

    @classmethod
    def one(
        cls,
        min_ms: int,
        max_ms: int,
        rule: Rule = Rule.PUNCTUATION,
        confidence: float = DEFAULT_CONFIDENCE,
    ) -> Self:
        """The grid of a single policy."""
        return cls(np.array([min_ms]), np.array([max_ms]), rule, confidence)

    @property
    def shape(self) -> tuple[int, int]:
        """How many minima and maxima."""
        return self.min_ms.size, self.max_ms.size

    @property
    def early_ms(self) -> Integers:
        """Shape (minima, maxima): the silence after which a complete sentence ends a turn."""
        early: Integers = np.minimum(self.min_ms[:, None], self.max_ms[None, :])
        return early
