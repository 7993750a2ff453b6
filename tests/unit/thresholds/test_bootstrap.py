"""Intervals hold what they promise, and follow how much is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.thresholds import Measure, advise
from fermata.thresholds.blocks import Blocks
from fermata.thresholds.bootstrap import Draws, interval, student_t, wilson
from tests.unit.thresholds.call_making import calls, copied, question


def every_row(turns):
    return Draws.of(turns, [(np.arange(turns.size), 1.0)])


@pytest.mark.parametrize("calls_drawn", [6, 10, 20, 40])
def test_95_percent_intervals_of_a_rate_cover_about_95_percent(calls_drawn):
    random = np.random.default_rng(calls_drawn)
    covered, tries, mean = 0, 400, 0.2
    for _ in range(tries):
        turns = random.integers(10, 60, calls_drawn).astype(float)
        habit = random.beta(8 * mean, 8 * (1 - mean), calls_drawn)
        cut_in = random.binomial(turns.astype(int), habit).astype(float)
        drawn = every_row(turns)
        samples = (drawn.samples @ cut_in) / (drawn.samples @ turns)
        rate = np.array(cut_in.sum() / turns.sum())
        low, high = interval(samples, drawn.effective_calls)
        least, most = wilson(rate, drawn.effective_turns)
        covered += min(low, least) <= mean <= max(high, most)
    assert 0.91 <= covered / tries <= 0.985


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(3, 3.182), (5, 2.571), (9, 2.262), (19, 2.093), (1_000, 1.962)]
)
def test_student_t_is_that_of_the_tables(freedom, quantile):
    assert student_t(freedom) == pytest.approx(quantile, rel=0.01)


def test_no_cut_in_in_a_few_turns_does_not_prove_that_there_never_is_one():
    low, high = wilson(np.array([0.0]), 75)
    assert low == 0
    assert high == pytest.approx(0.0487, abs=0.0005)


def test_equal_calls_count_fully_and_uneven_ones_less():
    assert every_row(np.full(10, 30.0)).effective_calls == pytest.approx(10)
    assert every_row(np.array([300.0, *[1.0] * 9])).effective_calls < 1.1


def test_pooled_calls_count_by_their_weight():
    turns = np.full(20, 30.0)
    drawn = Draws.of(turns, [(np.arange(10), 1.0), (np.arange(10, 20), 0.1)])
    assert 10 < drawn.effective_calls < 12
    assert np.allclose(drawn.samples.sum(axis=1), 11)


def test_copies_of_all_calls_narrow_the_intervals():
    once = calls(12)
    few, many = (advise(each, question())["*"] for each in (once, copied(once, 4)))
    assert many.present is None
    for name in ("cut_in_rate", "mid_sentence_rate", "mean_wait_ms", "cost_ms"):
        narrow, wide = getattr(many.best, name), getattr(few.best, name)
        assert narrow.value == pytest.approx(wide.value)
        assert narrow.interval.half_width < 0.7 * wide.interval.half_width


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
def test_few_calls_are_a_row_each(labels):
    blocks = Blocks.of(labels)
    assert sorted(np.concatenate(blocks.members)) == list(range(len(labels)))
    assert all(row.size == 1 for row in blocks.members)
    assert [labels[row[0]] for row in blocks.members] == list(blocks.labels)


def test_many_calls_share_rows_but_never_across_groups():
    labels = ["big"] * 9_000 + ["small"] * 30
    blocks = Blocks.of(labels)
    assert 1_900 <= len(blocks.members) <= 2_100
    assert blocks.rows_of("small").size == 30
    for row, label in zip(blocks.members, blocks.labels, strict=True):
        assert {labels[at] for at in row} == {label}


def test_measures_know_their_kind():
    assert [each for each in Measure if each.is_share] == [
        Measure.MID_SENTENCE,
        Measure.AFTER_SENTENCE,
        Measure.CUT_INS,
    ]
