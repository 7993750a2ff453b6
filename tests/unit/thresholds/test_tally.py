"""Counts added up by row are those of the replay, however they are bundled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fermata.replay import Assumptions, PolicyGrid, cost_ms, replay
from fermata.thresholds import Measure
from fermata.thresholds import tally as tally_module
from fermata.thresholds.drawn import Drawn
from fermata.thresholds.tally import tally
from tests.unit.replay.pause_strategies import assumptions, call_lists, grids
from tests.unit.thresholds.call_making import calls, seeds

SHARES = {Measure.P50_WAIT: 0.5, Measure.P90_WAIT: 0.9, Measure.P95_WAIT: 0.95}


def every_call(pauses):
    return [np.array([at]) for at in range(len(pauses))]


def replayed(found, measure):
    if measure in SHARES:
        return found.wait_quantile_ms(SHARES[measure])
    names = {
        Measure.CUT_INS: "cut_in_rate",
        Measure.MID_SENTENCE: "mid_sentence_rate",
        Measure.AFTER_SENTENCE: "after_sentence_rate",
        Measure.MEAN_WAIT: "mean_wait_ms",
    }
    return getattr(found, names[measure])


@given(call_lists, grids(), assumptions, st.sampled_from(Measure))
def test_every_measure_is_that_of_the_replay(pauses, grid, assumed, measure):
    ordered = grid.min_ms[:, None] <= grid.max_ms
    found = replay(pauses, grid, assumed).measures()
    if not ordered.any() or not found.turns.sum():
        return
    sums = tally(pauses, every_call(pauses), grid, assumed).weighed(np.ones(len(pauses)))
    assert np.allclose(sums.measure(measure), replayed(found, measure)[ordered])
    assert np.allclose(sums.cost_ms(5_000), cost_ms(found)[ordered])


@given(call_lists, grids(), assumptions, seeds, st.sampled_from(Measure))
def test_sums_over_samples_are_those_of_each_sample(pauses, grid, assumed, seed, measure):
    if not pauses or not (grid.min_ms[:, None] <= grid.max_ms).any():
        return
    rows = tally(pauses, every_call(pauses), grid, assumed)
    weights = np.random.default_rng(seed).integers(0, 4, (3, len(pauses))).astype(float)
    drawn, some = Drawn.of(rows, weights), [0, len(rows.policies) - 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        found, narrowed = drawn.measure(measure), drawn.at(some).measure(measure)
        expected = [rows.weighed(each).measure(measure) for each in weights]
        alone = Drawn.of(rows, weights[0]).measure(measure)
    assert np.allclose(found, expected, equal_nan=True)
    assert np.allclose(alone, expected[0], equal_nan=True)
    assert np.array_equal(narrowed, found[:, some], equal_nan=True)


def test_rows_add_up_their_calls_in_batches_of_any_size(monkeypatch):
    pauses = [call.pauses for call in calls(30)]
    grid = PolicyGrid(np.array([100, 400]), np.array([400, 1_280]))
    bundles = np.array_split(np.arange(30), 7)
    whole = tally(pauses, bundles, grid, Assumptions())
    monkeypatch.setattr(tally_module, "CALLS_AT_ONCE", 9)
    batched = tally(pauses, bundles, grid, Assumptions())
    assert np.array_equal(whole.cut_in_turns, batched.cut_in_turns)
    assert np.array_equal(whole.answered, batched.answered)
    assert whole.turns[:, 0].tolist() == [25 * bundle.size for bundle in bundles]


@settings(max_examples=20)
@given(seeds, st.sampled_from([0.0, 0.1]))
def test_longer_silences_never_cut_in_more_mid_sentence_nor_answer_sooner(seed, error):
    pauses = [call.pauses for call in calls(3, seed)]
    steps = np.array([50, 200, 400, 800, 1_600])
    assumed = Assumptions(complete_read_as_open=error, open_read_as_complete=error)
    rows = tally(pauses, every_call(pauses), PolicyGrid(steps, steps), assumed)
    sums = rows.weighed(np.ones(3))
    for at, policy in enumerate(sums.policies):
        for other_at, other in enumerate(sums.policies):
            longer_max = other.max_turn_silence_ms >= policy.max_turn_silence_ms
            longer_min = other.min_turn_silence_ms >= policy.min_turn_silence_ms
            if longer_max and longer_min:
                for measure in (Measure.MID_SENTENCE, Measure.CUT_INS):
                    rate = sums.measure(measure)
                    assert rate[other_at] <= rate[at] + 1e-9
                wait = sums.measure(Measure.MEAN_WAIT)
                assert wait[other_at] >= wait[at] - 1e-9


def test_equal_silences_wait_exactly_so_long():
    pauses = [call.pauses for call in calls(5)]
    rows = tally(pauses, every_call(pauses), PolicyGrid.one(333, 333), Assumptions(120))
    sums = rows.weighed(np.full(5, 0.1))
    assert sums.measure(Measure.MEAN_WAIT) == pytest.approx(453, abs=0)
    assert sums.measure(Measure.P90_WAIT) == pytest.approx(453, abs=0)
