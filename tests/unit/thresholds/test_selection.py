"""The best pair's figures allow for its having been searched for."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from fermata.thresholds import Goal, Measure, Policy
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.material import Material, in_order
from fermata.thresholds.study import Study
from fermata.thresholds.tally import Tally
from tests.unit.thresholds.call_making import BALANCED, NAMED, calls, question

pytestmark = pytest.mark.usefixtures("fewer_samples")

RATES = ("cut_in_rate", "mid_sentence_rate", "after_sentence_rate")


def material_of(found) -> Material:
    return Material.of(in_order(found), ["*"] * len(found), question(), (BALANCED,))


def study_of(found, goal="", present: Policy | None = BALANCED) -> Study:
    material = material_of(found)
    evidence = Evidence.of(material.rows, material.draws_of("*"))
    return Study.of(evidence, question(goal).goal, NAMED, present, BALANCED)


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of(calls(8))


def test_its_figures_are_those_of_the_replay(study: Study):
    plain, judged = study.evidence.judged(study.best, study.goal), study.best_judged
    for name in (*RATES, "mean_wait_ms", "cost_ms", "p50_wait_ms", "p90_wait_ms"):
        assert getattr(judged, name).value == getattr(plain, name).value


def test_their_upper_ends_reach_further_than_those_of_a_pair_set_beforehand(study: Study):
    plain, judged = study.evidence.judged(study.best, study.goal), study.best_judged
    assert judged.cost_ms.interval.high > plain.cost_ms.interval.high
    for name in (*RATES, "mean_wait_ms"):
        found, before = getattr(judged, name).interval, getattr(plain, name).interval
        assert found.high >= before.high
        assert found.low == before.low


def test_they_stay_within_what_a_share_and_a_wait_can_be():
    judged = study_of(calls(6, turns=3, holds=9, pause_ms=3_000)).best_judged
    assert max(getattr(judged, name).interval.high for name in RATES) <= 1
    assert judged.mean_wait_ms.interval.high <= judged.policy.max_turn_silence_ms


def test_a_limited_measure_keeps_the_interval_that_met_the_limit():
    found = study_of(calls(30), "mid-sentence <= 10 %")
    plain, judged = found.evidence.judged(found.best, found.goal), found.best_judged
    assert judged.mid_sentence_rate == plain.mid_sentence_rate
    assert judged.mid_sentence_rate.interval.high <= 0.1
    assert judged.cost_ms.interval.high >= plain.cost_ms.interval.high


def test_the_gain_lies_between_what_search_flatters_and_what_it_does_not(study: Study):
    costs_ms = study.evidence.whole.cost_ms(study.goal.exchange_rate_ms)
    raw_ms = costs_ms[study.present] - costs_ms[study.best]
    gain = study.gain_ms
    assert gain.interval.low < gain.value < raw_ms < gain.interval.high


@cache
def population() -> Tally:
    material = material_of(calls(1_500, seed=5))
    return material.rows.weighed(np.ones(len(material.blocks.labels)))


def tries(count: int) -> Iterator[tuple[Study, int]]:
    """Studies of eight calls each, with the column of the best pair in the population."""
    for seed in range(count):
        found = study_of(calls(8, seed=1_000 + seed))
        policy = found.evidence.whole.policies[found.best]
        yield found, population().policies.index(policy)


def test_the_truth_is_beyond_them_about_as_rarely_as_promised():
    missed, missed_before = 0, 0
    for found, column in tries(60):
        truth = population().measure(Measure.CUT_INS)[column]
        plain = found.evidence.judged(found.best, Goal())
        missed += truth > found.best_judged.cut_in_rate.interval.high
        missed_before += truth > plain.cut_in_rate.interval.high
    assert missed <= 3
    assert missed < missed_before
