"""The plane is what a plain loop over policies and holds finds, and bends as it must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.replay import Assumptions, PolicyGrid, Rule, cost_ms, replay, rule_of
from tests.unit.replay.pause_strategies import assumptions, call_lists, grids, no_error
from tests.unit.replay.reference import replay_one

TOTALS = (
    "turns",
    "cut_in_turns",
    "mid_sentence_turns",
    "after_sentence_turns",
    "cut_ins",
    "counted_cut_ins",
    "counted_holds",
    "cancelled_replies",
    "no_fires",
)


def filled(values, grid):
    return np.broadcast_to(values, grid.shape)


@given(call_lists, grids(), assumptions)
def test_the_plane_is_what_a_plain_loop_finds(calls, grid, assumed):
    measures = replay(calls, grid, assumed).measures()
    for row, min_ms in enumerate(grid.min_ms):
        for column, max_ms in enumerate(grid.max_ms):
            expected = replay_one(calls, grid, assumed, int(min_ms), int(max_ms))
            for name in TOTALS:
                found = filled(getattr(measures, name), grid)[row, column]
                assert found == pytest.approx(getattr(expected, name), abs=1e-9), name
            assert measures.mean_wait_ms[row, column] == pytest.approx(
                expected.mean_wait_ms, nan_ok=True
            )


@given(call_lists, grids(), no_error, st.sampled_from([0.5, 0.9, 0.95]))
def test_wait_quantiles_are_those_of_the_list_of_waits(calls, grid, assumed, share):
    found = replay(calls, grid, assumed).measures().wait_quantile_ms(share)
    for row, min_ms in enumerate(grid.min_ms):
        for column, max_ms in enumerate(grid.max_ms):
            expected = replay_one(calls, grid, assumed, int(min_ms), int(max_ms))
            assert found[row, column] == pytest.approx(
                expected.wait_quantile_ms(share), nan_ok=True
            )


@given(call_lists, grids(), assumptions)
def test_more_max_never_gives_more_mid_sentence_cut_ins(calls, grid, assumed):
    in_order = np.minimum(grid.min_ms, grid.max_ms[0])
    ordered = PolicyGrid(np.unique(in_order), grid.max_ms, grid.rule, grid.confidence)
    turns = replay(calls, ordered, assumed).measures().mid_sentence_turns
    assert np.all(np.diff(turns, axis=1) <= 1e-9)


@given(call_lists, grids(), assumptions)
def test_more_of_either_silence_never_gives_more_cut_ins(calls, grid, assumed):
    measures = replay(calls, grid, assumed).measures()
    for totals in (measures.cut_in_turns, measures.cut_ins):
        assert np.all(np.diff(totals, axis=0) <= 1e-9)
        assert np.all(np.diff(totals, axis=1) <= 1e-9)


@given(call_lists, grids(), assumptions)
def test_more_of_either_silence_never_shortens_the_wait(calls, grid, assumed):
    waits = np.nan_to_num(replay(calls, grid, assumed).measures().mean_wait_ms)
    assert np.all(np.diff(waits, axis=0) >= -1e-6)
    assert np.all(np.diff(waits, axis=1) >= -1e-6)


@given(st.data(), call_lists, grids(), assumptions)
def test_a_shuffle_of_the_calls_changes_nothing(data, calls, grid, assumed):
    shuffled = data.draw(st.permutations(calls))
    one, other = (replay(each, grid, assumed).measures() for each in (calls, shuffled))
    for name in TOTALS:
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9)


@given(call_lists, grids(), assumptions, st.data())
def test_weighing_a_call_is_replaying_it_as_often(calls, grid, assumed, data):
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(calls), max_size=len(calls)))
    repeated = [call for call, count in zip(calls, times, strict=True) for _ in range(count)]
    weights = np.array([times, times], float).reshape(2, len(calls))
    samples = replay(calls, grid, assumed).measures(weights)
    whole = replay(repeated, grid, assumed).measures()
    for name in TOTALS:
        found = getattr(samples, name)
        assert found[0] == pytest.approx(getattr(whole, name), abs=1e-9)
        assert found[1] == pytest.approx(found[0])
    assert samples.mean_wait_ms[0] == pytest.approx(whole.mean_wait_ms, nan_ok=True)


@given(call_lists, grids(), assumptions)
def test_each_call_by_itself_is_what_weighing_it_alone_gives(calls, grid, assumed):
    plane = replay(calls, grid, assumed)
    alone, weighed = plane.by_call(), plane.measures(np.eye(len(calls)))
    for name in (*TOTALS, "early_answers", "speech_minutes"):
        assert np.array_equal(getattr(alone, name), getattr(weighed, name)), name


@given(call_lists, grids(rules=(Rule.SILENCE,)))
def test_without_punctuation_the_minimum_changes_nothing(calls, grid):
    rates = replay(calls, grid).measures().cut_in_turns
    assert np.all(rates == rates[:1])


@given(call_lists, grids(rules=(Rule.CONFIDENCE,)))
def test_a_threshold_of_one_is_silence_at_the_maximum(calls, grid):
    silent = PolicyGrid(grid.min_ms, grid.max_ms, Rule.SILENCE)
    strict = PolicyGrid(grid.min_ms, grid.max_ms, Rule.CONFIDENCE, 1)
    found, expected = (replay(calls, each).measures().cut_in_turns for each in (strict, silent))
    assert np.array_equal(found, expected)


@given(call_lists, grids())
def test_the_cost_is_the_wait_plus_five_seconds_a_cut_in(calls, grid):
    measures = replay(calls, grid).measures()
    expected = measures.mean_wait_ms + 5_000 * measures.cut_in_rate
    assert np.array_equal(cost_ms(measures), expected, equal_nan=True)


def test_each_model_family_has_its_documented_rule():
    assert rule_of("universal-streaming-english") is Rule.CONFIDENCE
    assert rule_of("u3-rt-pro") is Rule.PUNCTUATION
    assert rule_of("universal-3-5-pro") is Rule.PUNCTUATION
    assert rule_of("somebody-elses") is None


def test_a_grid_must_increase():
    with pytest.raises(UsageError, match="max_ms: give increasing"):
        PolicyGrid(np.array([100]), np.array([400, 300]))


def test_a_share_of_wrong_marks_is_from_zero_to_one():
    with pytest.raises(UsageError, match="complete_read_as_open is a share"):
        Assumptions(complete_read_as_open=10)


def test_a_negative_exchange_rate_is_refused():
    with pytest.raises(UsageError, match="exchange rate is below 0"):
        cost_ms(replay([], PolicyGrid.one(400, 1_280)).measures(), -1)
