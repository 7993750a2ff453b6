"""The histogram of gaps, as text that a terminal and markdown show alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# Fine where the presets differ (under 1.3 s), coarse in the tail; 500 and 1,000 ms, the
# boundaries of the guide's rule, are edges.
EDGES_MS = (0, 100, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000)
_BAR_WIDTH = 32


@dataclass(frozen=True, slots=True)
class Bin:
    """The gaps from `from_ms` up to, not including, `to_ms`; the last bin is open (`None`)."""

    from_ms: int
    to_ms: int | None
    count: int

    @property
    def label(self) -> str:
        """The bin in words, in ms."""
        return f"{self.from_ms:,}+" if self.to_ms is None else f"{self.from_ms:,}-{self.to_ms:,}"


def histogram(gaps_ms: ArrayLike) -> tuple[Bin, ...]:
    """Counts positive gaps, in ms, by `EDGES_MS`; the tail from the last edge on is one bin."""
    edges = np.array([*EDGES_MS, np.inf])
    counts, _ = np.histogram(np.asarray(gaps_ms, dtype=float), bins=edges)
    ends: tuple[int | None, ...] = (*EDGES_MS[1:], None)
    return tuple(
        Bin(start, end, int(count))
        for start, end, count in zip(EDGES_MS, ends, counts, strict=True)
    )


def histogram_lines(bins: tuple[Bin, ...]) -> list[str]:
    """One line a bin: its range, a bar in proportion to the fullest bin, its count."""
    fullest = max((bin_.count for bin_ in bins), default=0)
    width = max(len(bin_.label) for bin_ in bins)
    return [
        f"{bin_.label:>{width}} ms  {_bar(bin_.count, fullest)} {bin_.count:,}" for bin_ in bins
    ]


def _bar(count: int, fullest: int) -> str:
    length = round(_BAR_WIDTH * count / fullest) if fullest else 0
    # A bin that holds something never looks empty.
    return "█" * (length or (1 if count else 0))
