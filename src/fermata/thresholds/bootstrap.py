"""Intervals from a bootstrap over calls, widened for how few calls there are.

Whole calls are drawn, as turns of one call resemble each other. The plain percentile interval
is too narrow for few calls: with 5 to 14 it covers 80 to 91 % where 95 % are promised. Hence the
outer ends of two that err on different sides:

* the expanded percentile interval (Hesterberg 2014, arXiv:1411.5279, section 5.3): its tails
  are those of Student's t with the effective number of calls, times sqrt(n / (n - 1));
* as many standard errors of the bootstrap to either side. It reaches further on the side of the
  short tail, where percentiles miss a rare call that is far off and happens not to be drawn.

A rate's interval is besides never narrower than Wilson's (1927), which takes turns for
independent: otherwise no cut-in in a few turns would prove that there never is one.

How often each of them and others cover the truth is measured by `benchmarks.validation`, with
the figures in `docs/appendix/validation.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Self

import numpy as np

from fermata.replay.pauses import Integers, Numbers

SAMPLES = 1_000
"""How many samples are drawn."""

COVERAGE = 0.95
"""How often an interval shall hold the true figure."""

_SEED = 20_080_619
_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf((1 + COVERAGE) / 2)
# Below this the expansion of Student's t is no longer good.
_LEAST_FREEDOM = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Weights of rows: once as they are, and many times drawn again.

    Attributes:
        weights: shape (rows,).
        samples: shape (samples, rows).
        effective_calls: how many equally long, equally weighted rows say as much (Kish 1965).
        effective_turns: the same for turns.
    """

    weights: Numbers
    samples: Numbers
    effective_calls: float
    effective_turns: float

    @classmethod
    def of(cls, turns: Numbers, strata: Iterable[tuple[Integers, float]]) -> Self:
        """Draws rows with a fixed seed, each stratum from itself.

        Args:
            turns: of each row.
            strata: positions of rows, with the weight of each.
        """
        random = np.random.default_rng(_SEED)
        weights = np.zeros(turns.size)
        samples = np.zeros((SAMPLES, turns.size))
        for rows, weight in strata:
            weights[rows] = weight
            drawn = random.multinomial(rows.size, np.full(rows.size, 1 / rows.size), SAMPLES)
            samples[:, rows] = weight * drawn
        weighty = weights * turns
        total = float(weighty.sum())
        return cls(
            weights,
            samples,
            effective_calls=total**2 / float((weighty**2).sum()),
            effective_turns=total**2 / float((weights * weighty).sum()),
        )


def interval(samples: Numbers, effective_calls: float) -> tuple[Numbers, Numbers]:
    """The expanded percentile interval.

    Args:
        samples: bootstrap figures, shape (samples, ...).
        effective_calls: how many calls they rest on.

    Returns:
        Its lower and upper ends, of shape (...).
    """
    tail = _NORMAL.cdf(-_reach(effective_calls))
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
    return low, high


def symmetric(value: Numbers, samples: Numbers, effective_calls: float) -> tuple[Numbers, Numbers]:
    """The interval of as many standard errors to either side, for means and rates.

    Args:
        value: the figures, shape (...).
        samples: bootstrap figures, shape (samples, ...).
        effective_calls: how many calls they rest on.

    Returns:
        Its lower and upper ends, of shape (...).
    """
    half = _reach(effective_calls) * samples.std(axis=0)
    return value - half, value + half


def _reach(effective_calls: float) -> float:
    """How many standard errors of the bootstrap an interval reaches to either side."""
    freedom = max(effective_calls - 1, _LEAST_FREEDOM)
    return sqrt(1 + 1 / freedom) * student_t(freedom)


def wilson(share: Numbers, turns: float) -> tuple[Numbers, Numbers]:
    """Wilson's score interval for a share of independent turns."""
    square = _Z**2 / turns
    middle = (share + square / 2) / (1 + square)
    half = np.sqrt(share * (1 - share) * square + square**2 / 4) / (1 + square)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def student_t(freedom: float) -> float:
    """The two-sided quantile of Student's t at `COVERAGE` (Abramowitz & Stegun 26.7.5).

    Args:
        freedom: degrees of it, at least 3; there the error is below 1 %.
    """
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
