"""Nights of calls whose true tempo is known: stationary, or shifted from some night on.

Calls differ (standard deviation 0.4 of the mean log of their gaps), days differ by more than
chance (heavy tails), weekends have a third of the calls and are slower, and groups get calls in
shares that vary from night to night.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

FIRST_NIGHT = date(2026, 1, 5)
_LOG_GAP, _LOG_PAUSE = 6.5, 6.2
_BETWEEN_CALLS, _BETWEEN_DAYS, _SLOWER_WEEKENDS = 0.4, 0.03, 0.1


@dataclass(frozen=True)
class Shift:
    """From a night on, one group's gaps are longer by a factor."""

    group: str
    from_night: int
    factor: float


def simulated(
    seed: int,
    *,
    nights: int = 365,
    groups: int = 1,
    calls: int = 30,
    shift: Shift | None = None,
) -> pd.DataFrame:
    """The columns of the table `nights` that the assessment reads."""
    random = np.random.default_rng(seed)
    names = [f"group-{index}" for index in range(groups)]
    rows = [row for night in range(nights) for row in _night(random, night, names, calls, shift)]
    return pd.DataFrame(rows)


def _night(
    random: np.random.Generator,
    night: int,
    names: Sequence[str],
    calls: int,
    shift: Shift | None,
) -> Iterator[dict[str, object]]:
    on = FIRST_NIGHT + timedelta(days=night)
    is_weekend = on.weekday() >= 5
    expected = len(names) * calls * (0.33 if is_weekend else 1)
    # Shares that vary by more than chance from night to night.
    shares = random.dirichlet(np.full(len(names), 60.0)) if len(names) > 1 else np.ones(1)
    counts = np.maximum(random.poisson(expected * shares), 1)
    for name, count in zip(names, counts, strict=True):
        is_shifted = shift is not None and name == shift.group and night >= shift.from_night
        moved = np.log(shift.factor) if shift is not None and is_shifted else 0.0
        slower = _SLOWER_WEEKENDS * is_weekend
        yield {
            "run_id": f"run-{night}",
            "group": name,
            "night": on,
            "recordings": int(count),
            "recordings_of_night": int(counts.sum()),
            "calls_with_gaps": int(count),
            "calls_with_pauses": int(count),
            "calls_with_clocks": int(count),
            "typical_gap_ms": _typical(random, _LOG_GAP + slower + moved, count),
            "typical_pause_ms": _typical(random, _LOG_PAUSE + slower, count),
            "clock_off_share": float(random.beta(1, 200)),
            "recognisers": [
                {"engine": "assemblyai", "speech_model": "universal", "recordings": int(count)}
            ],
        }


def _typical(random: np.random.Generator, log_ms: float, count: int) -> float:
    day = _BETWEEN_DAYS * random.standard_t(5)
    calls = _BETWEEN_CALLS * random.standard_normal() / np.sqrt(count)
    return float(np.exp(log_ms + day + calls))
