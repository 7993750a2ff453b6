"""Sets the borders of speech to the sound itself.

Silero judges windows of 32 ms, starts late on soft beginnings (60 ms on average, up to 230 ms
on "see" or "thank") and lets go 25 ms late. Gaps are differences of such borders, so here each
one is moved to where the loudness leaves or reaches the silence around it.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fermata.audio import Samples
from fermata.speech_detection.silero import RATE_HZ, Span

FRAME_SAMPLES = RATE_HZ // 200
"""5 ms: the grain of the borders."""

REACH_FRAMES = 50
"""250 ms: how far outward sound may still belong to a word that Silero cut off."""

BRIDGE_FRAMES = 20
"""100 ms: the longest silence inside a word, the closure of a plosive ("sto-p")."""

DEPTH_DB = 38.0
"""Sound this far below the loudest 5 ms of its span is no longer speech: echo, breath, noise.
Against the phone labels that flite gives for its own speech, borders put here are 12 ms late at
both ends, so that gaps come out right."""

ABOVE_NOISE_DB = 6.0
"""Sound must stand out this much from the noise around to count as speech."""

CLEAR_OF_NOISE_DB = 12.0
"""With speech less than this above the noise, loudness tells nothing: Silero's border stays."""

_SILENCE_DB = -100.0
_SILENT_POWER = 10 ** (_SILENCE_DB / 10)


def refine(samples: Samples, spans: Sequence[Span]) -> list[Span]:
    """Moves the borders of `spans` to the edges of the sound.

    Args:
        samples: The channel that the spans were found in, shape (samples,), at `RATE_HZ`.
        spans: Stretches of speech, in order, not overlapping.

    Returns:
        As many spans, in order, not overlapping, exact to `FRAME_SAMPLES`.
    """
    if not spans:
        return []
    loudness = _loudness_db(samples)
    frames = [(span.start // FRAME_SAMPLES, span.end // FRAME_SAMPLES) for span in spans]
    noise_db = _noise_db(loudness, frames)
    walls = _walls(frames, len(loudness))
    return [
        _refined(loudness, frame, wall, noise_db)
        for frame, wall in zip(frames, pairwise(walls), strict=True)
    ]


def _loudness_db(samples: Samples) -> NDArray[np.float64]:
    """Loudness per frame, in dB of full scale."""
    whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
    frames = samples[:whole].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    power = np.mean(np.square(frames), axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, _SILENT_POWER)), dtype=np.float64)


def _noise_db(loudness: NDArray[np.float64], spans: Sequence[tuple[int, int]]) -> float:
    """The loudness that silence rarely passes, from what lies well outside of speech."""
    silent = np.ones(len(loudness), dtype=bool)
    for start, end in spans:
        silent[max(0, start - REACH_FRAMES) : end + REACH_FRAMES] = False
    return float(np.percentile(loudness[silent], 90)) if silent.any() else _SILENCE_DB


def _walls(spans: Sequence[tuple[int, int]], frames: int) -> list[int]:
    """The frames that no border may cross: the middles of the silences, and both ends."""
    middles = [(before[1] + after[0]) // 2 for before, after in pairwise(spans)]
    return [0, *middles, frames]


def _refined(
    loudness: NDArray[np.float64],
    span: tuple[int, int],
    wall: tuple[int, int],
    noise_db: float,
) -> Span:
    """One span with its borders where the sound begins and ends, between two walls."""
    start, end = span
    peak_db = float(loudness[start:end].max(initial=_SILENCE_DB))
    floor_db = max(peak_db - DEPTH_DB, noise_db + ABOVE_NOISE_DB)
    if peak_db - noise_db < CLEAR_OF_NOISE_DB:
        return Span(start * FRAME_SAMPLES, end * FRAME_SAMPLES)
    low, high = max(wall[0], start - REACH_FRAMES), min(wall[1], end + REACH_FRAMES)
    sounding = low + np.flatnonzero(loudness[low:high] > floor_db)
    return _connected(sounding, start, end)


def _connected(sounding: NDArray[np.intp], start: int, end: int) -> Span:
    """The sounding frames of the span, and those outside that hang together with it."""
    inside = np.flatnonzero((sounding >= start) & (sounding < end))
    first, last = int(inside[0]), int(inside[-1])
    steps = np.diff(sounding)
    while first > 0 and steps[first - 1] <= BRIDGE_FRAMES:
        first -= 1
    while last < len(steps) and steps[last] <= BRIDGE_FRAMES:
        last += 1
    return Span(int(sounding[first]) * FRAME_SAMPLES, int(sounding[last] + 1) * FRAME_SAMPLES)
