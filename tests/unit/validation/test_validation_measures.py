"""The study of recommendations measures rightly what is known beforehand."""

import numpy as np
import pytest

from benchmarks.validation.budgets import kept_in, within
from benchmarks.validation.corpora import Corpus
from benchmarks.validation.costs import (
    HINDSIGHT,
    RATES_MS,
    Cost,
    costs_of,
    kept_or_changed,
    settled_costs_of,
    shares,
)
from benchmarks.validation.coverage import COST, TWO_HALVES, covered, fixed_covers
from benchmarks.validation.ground import NAMED, Ground
from benchmarks.validation.methods import BOOTSTRAP_T, EXPANDED, IN_USE, SYMMETRIC, ends_of
from benchmarks.validation.printed import table
from benchmarks.validation.trials import by_drawing, by_halves
from fermata.replay import Rule
from fermata.thresholds import RECOMMENDATION, Estimate, Interval, Policy, parse_goal
from tests.unit.thresholds.call_making import calls


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(Corpus("made up", Rule.PUNCTUATION, tuple(calls(16))))


def test_halves_share_no_call_and_leave_none_out(ground):
    (trial,) = by_halves(ground, 1)
    assert len(set(trial.drawn.tolist())) == 8
    together = trial.fitted.whole.turns + trial.judged.turns
    assert np.allclose(together, ground.turns)


def test_draws_are_judged_by_the_whole_corpus(ground):
    (trial,) = by_drawing(ground, 5, 1)
    assert trial.fitted.whole.turns[0] == pytest.approx(5 * 25)
    assert trial.judged.turns[0] == pytest.approx(ground.turns)


def test_the_same_trials_come_every_time(ground):
    first, second = ([trial.drawn for trial in by_halves(ground, 3)] for _ in range(2))
    assert np.array_equal(first, second)


def test_nothing_is_cheaper_than_hindsight(ground):
    (trial,) = by_halves(ground, 1)
    found = list(costs_of(trial))
    for rate_ms in RATES_MS:
        costs = {cost.way: cost.cost_ms for cost in found if cost.rate_ms == rate_ms}
        assert min(costs.values()) == costs[HINDSIGHT]
        assert costs[RECOMMENDATION] <= max(costs[name] for name in NAMED)


def test_too_few_calls_leave_the_present_setting_as_it_is(ground):
    (trial,) = by_drawing(ground, 3, 1)
    found = {cost.way: cost.policy for cost in settled_costs_of(trial)}
    assert found[kept_or_changed("balanced")] == NAMED["balanced"]


def test_wins_and_ties_are_told_apart():
    pair = Policy(100, 1_000)
    one = [Cost(5_000, "one", pair, cost) for cost in (1.0, 2.0, 3.0, 4.0)]
    two = [Cost(5_000, "two", pair, cost) for cost in (2.0, 2.0, 2.0, 5.0)]
    assert shares(one + two, "one", "two") == (0.5, 0.25)


def test_a_budget_is_kept_by_those_within_it(ground):
    (trial,) = by_drawing(ground, 16, 1)
    met = within(trial.judged, parse_goal("no slower than balanced"))
    assert met[ground.column(NAMED["balanced"])]
    assert not met[ground.column(NAMED["conservative"])]
    kept = {each.goal: each for each in kept_in(trial)}
    assert kept["P90 wait <= 1 s"].surely


def test_an_interval_is_held_against_the_figure_and_widened_about_its_value():
    estimate = Estimate(10.0, Interval(9.0, 12.0))
    errors = [covered("J", "p", estimate, truth, 1.0).error for truth in (8.0, 9.5, 12.5)]
    assert errors == [-1, 0, 1]
    assert covered("J", "p", estimate, 12.5, TWO_HALVES).error == 0


def test_intervals_over_many_like_calls_cover_about_95_percent():
    many = Ground.of(Corpus("many", Rule.PUNCTUATION, tuple(calls(60))))
    named = [many.column(policy) for policy in NAMED.values()]
    held = [
        not cover.error
        for trial in by_drawing(Ground("many", many.rows.at(named), many.gaps_ms), 60, 150)
        for cover in fixed_covers(trial, 1)
        if cover.figure == COST
    ]
    assert 0.91 <= np.mean(held) <= 0.99


def test_methods_agree_where_calls_are_many_and_alike():
    random = np.random.default_rng(3)
    turns = np.full(400, 20.0)
    ends = ends_of(random.binomial(20, 0.3, 400).astype(float), turns)
    expected = 1.96 * np.sqrt(0.3 * 0.7 / (400 * 20))
    for low, high in ends.values():
        assert (high - low) / 2 == pytest.approx(expected, rel=0.15)


def test_the_interval_in_use_has_the_outer_ends(ground):
    random = np.random.default_rng(4)
    ends = ends_of(random.exponential(2, 8), np.full(8, 20.0))
    assert ends[IN_USE][0] == min(ends[EXPANDED][0], ends[SYMMETRIC][0])
    assert ends[IN_USE][1] == max(ends[EXPANDED][1], ends[SYMMETRIC][1])
    assert ends[BOOTSTRAP_T][0] < ends[BOOTSTRAP_T][1]


def test_tables_are_markdown():
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
