"""The figures that describe gaps, against plain references."""

import random
import statistics as reference
from dataclasses import astuple, fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.turntaking import GapStatistics, gap_statistics
from tests.strategies import gap_lists, positive_gap_lists

QUANTILES = {10: "p10_gap_ms", 25: "p25_gap_ms", 75: "p75_gap_ms", 90: "p90_gap_ms"}


def quantile_between_neighbours(gaps, share):
    """Hyndman and Fan's definition 7, written out."""
    ordered = sorted(gaps)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def test_no_gaps_have_no_figures():
    assert gap_statistics([]) is None


def test_one_gap_is_all_its_own_figures():
    assert gap_statistics([420]) == GapStatistics(
        1, *(420.0, 420.0, 420, 420, 420, 420.0, 420.0, 420.0, 420.0, 420.0)
    )


def test_the_true_median_and_the_guides_upper_one_differ_for_an_even_number():
    figures = gap_statistics([100, 200, 400, 1_000])
    assert figures.median_gap_ms == 300
    assert figures.upper_median_gap_ms == 400


def test_every_figure_is_a_plain_number_that_json_and_parquet_take():
    figures = gap_statistics(np.array([100, 250, 400]))
    assert [type(figure) for figure in astuple(figures)] == [
        field.type for field in fields(figures)
    ]


@given(positive_gap_lists)
def test_figures_match_the_standard_library(gaps):
    figures = gap_statistics(gaps)
    assert figures.total_gaps == len(gaps)
    assert figures.average_gap_ms == sum(gaps) / len(gaps)
    assert figures.median_gap_ms == reference.median(gaps)
    assert figures.upper_median_gap_ms == reference.median_high(gaps)
    assert (figures.min_gap_ms, figures.max_gap_ms) == (min(gaps), max(gaps))


@given(positive_gap_lists)
def test_quantiles_interpolate_between_the_two_nearest_gaps(gaps):
    figures = gap_statistics(gaps)
    for percent, name in {**QUANTILES, 95: "p95_gap_ms"}.items():
        expected = quantile_between_neighbours(gaps, percent / 100)
        assert getattr(figures, name) == pytest.approx(expected, rel=1e-9)


@given(gap_lists.filter(bool), st.integers(min_value=0, max_value=2**32))
def test_figures_do_not_depend_on_the_order(gaps, seed):
    shuffled = random.Random(seed).sample(gaps, len(gaps))
    assert gap_statistics(shuffled) == gap_statistics(gaps)


@given(gap_lists.filter(bool), st.integers(min_value=-10_000, max_value=10_000))
def test_longer_gaps_move_every_figure_by_as_much(gaps, shift_ms):
    before, after = gap_statistics(gaps), gap_statistics([gap + shift_ms for gap in gaps])
    assert after.total_gaps == before.total_gaps
    moved = [figure + shift_ms for figure in astuple(before)[1:]]
    assert astuple(after)[1:] == pytest.approx(moved, abs=1e-6)


@given(positive_gap_lists)
def test_figures_stand_in_order(gaps):
    figures = gap_statistics(gaps)
    rising = [
        figures.min_gap_ms,
        figures.p10_gap_ms,
        figures.p25_gap_ms,
        figures.median_gap_ms,
        figures.p75_gap_ms,
        figures.p90_gap_ms,
        figures.p95_gap_ms,
        figures.max_gap_ms,
    ]
    assert rising == sorted(rising)
    assert figures.median_gap_ms <= figures.upper_median_gap_ms
    assert figures.min_gap_ms <= figures.average_gap_ms <= figures.max_gap_ms
