"""Ways to draw an interval from a bootstrap over calls, tried beside the one in use.

All are for a rate or mean per turn, the sum over calls of `amounts` over that of `turns`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from benchmarks.validation.ground import NAMED, Ground
from benchmarks.validation.trials import SEED
from fermata.replay import EXCHANGE_RATE_MS
from fermata.replay.pauses import Numbers
from fermata.thresholds import Measure
from fermata.thresholds.bootstrap import Draws, interval, symmetric

PERCENTILE = "percentile"
EXPANDED = "expanded percentile"
SYMMETRIC = "standard errors"
IN_USE = "outer ends of both"
BCA = "BCa"
BOOTSTRAP_T = "bootstrap-t"
METHODS = (PERCENTILE, EXPANDED, SYMMETRIC, IN_USE, BCA, BOOTSTRAP_T)

_TAILS = (0.025, 0.975)
_NORMAL = NormalDist()
# Less spread than this in a sample is none at all.
_NO_SPREAD = 1e-9

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tried:
    """One interval of one method.

    Attributes:
        method: its name.
        figure: which mean or rate.
        holds: whether it holds the truth.
        width: relative to the truth.
    """

    method: str
    figure: str
    holds: bool
    width: float


def tried(ground: Ground, size: int, count: int) -> Iterator[Tried]:
    """Draws calls with replacement and holds every method against the whole corpus."""
    random = np.random.default_rng(SEED)
    turns = ground.rows.turns[:, 0]
    for figure, amounts in _figures(ground).items():
        truth = float(amounts.sum() / turns.sum())
        for _ in range(count):
            drawn = random.integers(0, ground.calls, size)
            for method, (low, high) in ends_of(amounts[drawn], turns[drawn]).items():
                yield Tried(method, figure, low <= truth <= high, (high - low) / truth)


def _figures(ground: Ground) -> dict[str, Numbers]:
    """Cut-ins and cost of the named policies, as amounts per call; none that is always 0."""
    turns, found = ground.rows.turns[:, 0], {}
    for name, policy in NAMED.items():
        one = ground.rows.at([ground.column(policy)])
        cut_ins = one.measure(Measure.CUT_INS)[:, 0] * turns
        if cut_ins.sum() > 1:
            found[f"cut-ins, {name}"] = cut_ins
            found[f"J, {name}"] = one.cost_ms(EXCHANGE_RATE_MS)[:, 0] * turns
    return found


def ends_of(amounts: Numbers, turns: Numbers) -> dict[str, Ends]:
    """The 95 % interval by each method."""
    draws = Draws.of(turns, [(np.arange(turns.size), 1.0)])
    value = np.array(amounts.sum() / turns.sum())
    samples: Numbers = (draws.samples @ amounts) / (draws.samples @ turns)
    low, high = np.quantile(samples, _TAILS)
    expanded = interval(samples, draws.effective_calls)
    even = symmetric(value, samples, draws.effective_calls)
    both = (min(expanded[0], even[0]), max(expanded[1], even[1]))
    found = {
        PERCENTILE: (low, high),
        EXPANDED: expanded,
        SYMMETRIC: even,
        IN_USE: both,
        BCA: _accelerated(amounts, turns, samples),
        BOOTSTRAP_T: _studentised(amounts, turns, draws),
    }
    return {method: (float(ends[0]), float(ends[1])) for method, ends in found.items()}


def _accelerated(amounts: Numbers, turns: Numbers, samples: Numbers) -> Ends:
    """Bias-corrected and accelerated (Efron 1987)."""
    value = amounts.sum() / turns.sum()
    beyond = amounts - value * turns
    spread = float((beyond**2).sum())
    acceleration = float((beyond**3).sum()) / (6 * spread**1.5) if spread > _NO_SPREAD else 0.0
    below = float(np.mean(samples < value) + np.mean(samples == value) / 2)
    bias = _NORMAL.inv_cdf(min(max(below, 0.001), 0.999))
    tails = []
    for tail in _TAILS:
        moved = bias + _NORMAL.inv_cdf(tail)
        tails.append(_NORMAL.cdf(bias + moved / (1 - acceleration * moved)))
    low, high = np.quantile(samples, tails)
    return float(low), float(high)


def _studentised(amounts: Numbers, turns: Numbers, draws: Draws) -> Ends:
    """Each sample told in its own standard errors (Efron 1979; linearised)."""
    value = amounts.sum() / turns.sum()
    error = np.sqrt(((amounts - value * turns) ** 2).sum()) / turns.sum()
    weights = draws.samples
    totals = weights @ turns
    samples = (weights @ amounts) / totals
    squares = weights @ amounts**2 - 2 * samples * (weights @ (amounts * turns))
    squares += samples**2 * (weights @ turns**2)
    errors = np.sqrt(np.maximum(squares, 0)) / totals
    has_spread = errors > _NO_SPREAD * max(1.0, float(value))
    beyond = np.divide(samples - value, errors, out=np.zeros_like(samples), where=has_spread)
    beyond[~has_spread] = np.sign(samples - value)[~has_spread] * 1e6
    low, high = np.quantile(beyond, _TAILS)
    return float(value - high * error), float(value - low * error)
