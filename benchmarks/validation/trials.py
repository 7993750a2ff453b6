"""Draws of calls to fit on, each with calls to judge by."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.validation.ground import Ground
from fermata.replay.pauses import Integers
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.tally import Tally

SEED = 2_009


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One fit and what it is judged by.

    Attributes:
        ground: the corpus.
        drawn: the calls fitted on.
        fitted: what they say of every policy.
        judged: what each policy does in the calls to judge by.
    """

    ground: Ground
    drawn: Integers
    fitted: Evidence
    judged: Tally


def by_halves(ground: Ground, count: int) -> Iterator[Trial]:
    """Fits on a random half of the calls, the smaller one, and judges by the other half."""
    random = np.random.default_rng(SEED)
    for _ in range(count):
        shuffled = random.permutation(ground.calls)
        first, second = np.split(shuffled, [ground.calls // 2])
        yield Trial(ground, first, ground.evidence(first), ground.sums(second))


def by_drawing(ground: Ground, size: int, count: int) -> Iterator[Trial]:
    """Fits on calls drawn with replacement, as if the corpus were all calls that there are.

    What is true of the corpus is then known, which no second half tells.
    """
    random = np.random.default_rng(SEED)
    whole = ground.sums(np.arange(ground.calls))
    for _ in range(count):
        drawn = random.integers(0, ground.calls, size)
        yield Trial(ground, drawn, ground.evidence(drawn), whole)
