"""Intervals reach as far as they must, and no further than a figure can go."""

import numpy as np

from fermata.thresholds import Measure, advise
from fermata.thresholds.bootstrap import Draws, interval, symmetric
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.material import Material, in_order
from tests.unit.thresholds.call_making import calls, question


def evidence_of(found) -> Evidence:
    material = Material.of(in_order(found), ["*"] * len(found), question(), ())
    return Evidence.of(material.rows, material.draws_of("*"))


def test_they_reach_as_far_as_both_percentiles_and_standard_errors():
    random = np.random.default_rng(1)
    amounts, turns = random.exponential(3, 10), np.full(10, 20.0)
    draws = Draws.of(turns, [(np.arange(10), 1.0)])
    value = np.array([amounts.sum() / turns.sum()])
    samples = ((draws.samples @ amounts) / (draws.samples @ turns))[:, None]
    low, high = interval(samples, draws.effective_calls)
    least, most = symmetric(value, samples, draws.effective_calls)
    bounds = evidence_of(calls(10)).interval_of(value, samples)
    assert np.allclose((bounds.low, bounds.high), (np.minimum(low, least), np.maximum(high, most)))
    # The long tail of the amounts is above, where percentiles reach further.
    assert least < low
    assert high > most


def test_rates_stay_shares_and_mean_waits_within_the_two_silences():
    evidence = evidence_of(calls(6, turns=14, holds=12))
    for measure in (Measure.CUT_INS, Measure.MID_SENTENCE, Measure.AFTER_SENTENCE):
        bounds = evidence.bounds(measure)
        assert bounds.low.min() >= 0
        assert bounds.high.max() <= 1
    waits, bounds = evidence.whole.wait_ms, evidence.bounds(Measure.MEAN_WAIT)
    assert np.all(bounds.low >= waits.min(axis=0))
    assert np.all(bounds.high <= waits.max(axis=0))


def test_a_wait_that_few_exceed_lies_at_one_of_the_two_silences():
    best = advise(calls(8), question())["*"].best
    silences = {best.policy.min_turn_silence_ms, best.policy.max_turn_silence_ms}
    ends = best.p90_wait_ms.interval
    assert {ends.low, ends.high} <= silences
