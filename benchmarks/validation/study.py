"""The whole study of one corpus."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.validation.budgets import Kept, kept_in
from benchmarks.validation.corpora import ONE_CLOCK, Corpus
from benchmarks.validation.costs import Cost, costs_of, settled_costs_of
from benchmarks.validation.coverage import TWO_HALVES, Cover, fixed_covers, searched_covers
from benchmarks.validation.ground import NAMED, Ground
from benchmarks.validation.methods import Tried, tried
from benchmarks.validation.trials import by_drawing, by_halves
from fermata.replay import EXCHANGE_RATE_MS
from fermata.thresholds import VENDOR_DEFAULT, Policy
from fermata.thresholds.search import ranked

HALVES = "the other half"
"""The name of the intervals that were held against another half."""

FIXED_TRIALS = 5
"""Trials of the named policies alone are cheap: so many times as many."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came out of one corpus.

    Attributes:
        name: of the corpus.
        calls: with a finished turn.
        turns: finished ones.
        best: the pair with the least cost over all calls.
        costs: of each split.
        kept: budgets of each split.
        kept_of_draws: budgets met in as many calls drawn as there are, held against the corpus.
        settled_of_draws: what Fermata would set from these, and what it costs in the corpus.
        tried: intervals of other methods, by how many calls were drawn.
        covers: intervals by how they were tried: halves, or that many calls drawn.
    """

    name: str
    calls: int
    turns: int
    best: Policy
    costs: tuple[Cost, ...]
    kept: tuple[Kept, ...] = ()
    kept_of_draws: tuple[Kept, ...] = ()
    settled_of_draws: tuple[Cost, ...] = ()
    tried: Mapping[int, tuple[Tried, ...]] = field(default_factory=dict)
    covers: Mapping[str, tuple[Cover, ...]] = field(default_factory=dict)


def drawn_name(size: int) -> str:
    """What tells tries with so many calls drawn from those with halves."""
    return f"{size} calls drawn"


def study(corpus: Corpus, trials: int) -> Found:
    """Splits and draws a corpus so many times.

    The part of a set that is there to check the whole set by has its costs alone studied.
    """
    ground = Ground.of(corpus)
    costs: list[Cost] = []
    kept: list[Kept] = []
    covers: list[Cover] = []
    for trial in by_halves(ground, trials):
        costs += costs_of(trial)
        if corpus.name != ONE_CLOCK:
            kept += kept_in(trial)
            covers += fixed_covers(trial, TWO_HALVES)
            covers += searched_covers(trial, TWO_HALVES)
    whole = ground.sums(np.arange(ground.calls))
    best = ranked(whole.cost_ms(EXCHANGE_RATE_MS), whole, NAMED[VENDOR_DEFAULT])[0]
    found = Found(ground.name, ground.calls, ground.turns, whole.policies[best], tuple(costs))
    if corpus.name == ONE_CLOCK:
        return found
    kept_of_draws, settled_of_draws = _of_draws(ground, trials)
    return replace(
        found,
        kept=tuple(kept),
        covers={HALVES: tuple(covers), **_drawn_covers(ground, trials)},
        kept_of_draws=kept_of_draws,
        settled_of_draws=settled_of_draws,
        tried={size: tuple(tried(ground, size, trials)) for size in _sizes(ground)},
    )


def _of_draws(ground: Ground, trials: int) -> tuple[tuple[Kept, ...], tuple[Cost, ...]]:
    kept: list[Kept] = []
    settled: list[Cost] = []
    for trial in by_drawing(ground, ground.calls, trials):
        kept += kept_in(trial)
        settled += settled_costs_of(trial)
    return tuple(kept), tuple(settled)


def _sizes(ground: Ground) -> tuple[int, int]:
    """How many calls are drawn: half as many as there are, and all."""
    return ground.calls // 2, ground.calls


def _drawn_covers(ground: Ground, trials: int) -> dict[str, tuple[Cover, ...]]:
    named = [ground.column(policy) for policy in NAMED.values()]
    named_alone = replace(ground, rows=ground.rows.at(named))
    found: dict[str, tuple[Cover, ...]] = {}
    for size in _sizes(ground):
        fixed = by_drawing(named_alone, size, FIXED_TRIALS * trials)
        searched = by_drawing(ground, size, trials)
        found[drawn_name(size)] = (
            *(cover for trial in fixed for cover in fixed_covers(trial, 1)),
            *(cover for trial in searched for cover in searched_covers(trial, 1)),
        )
    return found
