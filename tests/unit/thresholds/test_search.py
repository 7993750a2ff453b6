"""The best policy is the one a plain look at every policy finds, within what a goal allows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fermata.replay import Assumptions
from fermata.thresholds import Measure, Policy, Verdict, advise, parse_goal
from fermata.thresholds.evidence import Evidence, score_ms
from fermata.thresholds.material import Material, in_order
from fermata.thresholds.pareto import by_exchange_rate, curve
from fermata.thresholds.search import Budgets, ranked
from fermata.thresholds.study import best_column
from tests.unit.thresholds.call_making import BALANCED, NAMED, calls, question, seeds

pytestmark = pytest.mark.usefixtures("fewer_samples")

GOALS = (
    "cut-ins <= 25 %",
    "mid-sentence <= 10 %",
    "P90 wait <= 1 s",
    "mean wait <= 700 ms",
    "no slower than balanced",
    "mid-sentence <= 15 %, after-sentence <= 20 %",
    "cut-ins <= 40 %, P50 wait <= 800 ms, one cut-in = 2 s",
)


def evidence_of(found, goal="") -> Evidence:
    usable = in_order(found)
    material = Material.of(usable, ["all"] * len(usable), question(goal), [])
    return Evidence.of(material.rows, material.draws_of("*"))


@settings(max_examples=7)
@given(seeds, st.sampled_from(GOALS))
def test_budgets_hold_on_the_upper_bounds_of_the_policy_that_is_advised(seed, text):
    advice = advise(calls(15, seed), question(text), {"*": BALANCED})["*"]
    if advice.verdict not in {Verdict.CHANGE, Verdict.KEEP}:
        return
    judged = advice.best if advice.policy == advice.best.policy else advice.present
    assert judged.policy == advice.policy
    figures = {
        Measure.CUT_INS: judged.cut_in_rate,
        Measure.MID_SENTENCE: judged.mid_sentence_rate,
        Measure.AFTER_SENTENCE: judged.after_sentence_rate,
        Measure.MEAN_WAIT: judged.mean_wait_ms,
        Measure.P50_WAIT: judged.p50_wait_ms,
        Measure.P90_WAIT: judged.p90_wait_ms,
    }
    for budget in parse_goal(text).budgets:
        assert figures[budget.measure].interval.high <= budget.at_most
    if "no slower" in text:
        assert judged.mean_wait_ms.value <= advice.present.mean_wait_ms.value


@settings(max_examples=6)
@given(seeds, st.sampled_from(GOALS))
def test_no_allowed_policy_scores_better_than_the_best(seed, text):
    evidence, goal = evidence_of(calls(12, seed), text), parse_goal(text)
    budgets = Budgets.of(evidence, goal, NAMED)
    best = best_column(evidence, budgets, BALANCED)
    scores = score_ms(evidence.whole, goal)
    if budgets.met.any():
        assert budgets.met[best]
        assert scores[best] <= scores[budgets.met].min() + 1e-6


def test_a_silence_too_short_to_search_is_neither_advised_nor_on_the_curve():
    advice = advise(calls(12), question("one cut-in = 0.1 s"), {"*": Policy(50, 60)})["*"]
    assert advice.present.policy == Policy(50, 60)
    assert advice.best.policy.min_turn_silence_ms >= 100
    assert all(point.policy.min_turn_silence_ms >= 100 for point in advice.curve)


def test_a_limit_on_waits_is_used_up_to_the_millisecond():
    asked = question("P90 wait <= 977 ms", assumptions=Assumptions(detection_delay_ms=120))
    advice = advise(calls(12, pause_ms=1_200), asked)["*"]
    assert advice.best.policy.max_turn_silence_ms == 857
    assert advice.best.p90_wait_ms.interval.high == 977


def test_a_named_policy_is_never_slower_than_itself():
    evidence = evidence_of(calls(8), "no slower than balanced")
    budgets = Budgets.of(evidence, parse_goal("no slower than balanced"), NAMED)
    assert budgets.met[evidence.whole.policies.index(BALANCED)]


def test_ties_go_to_the_silence_that_is_usual():
    never_complete = calls(10, complete=0.0)
    for call in never_complete:
        call.pauses.turn_is_complete[:] = False
    sums = evidence_of(never_complete).whole
    for usual in (Policy(160, 400), Policy(820, 3_600)):
        best = sums.policies[ranked(sums.cost_ms(5_000), sums, usual)[0]]
        steps = [p for p in sums.policies if p.max_turn_silence_ms == best.max_turn_silence_ms]
        nearest = min(abs(each.min_turn_silence_ms - usual.min_turn_silence_ms) for each in steps)
        assert abs(best.min_turn_silence_ms - usual.min_turn_silence_ms) == nearest


@settings(max_examples=3)
@given(seeds)
def test_nothing_on_the_curve_is_beaten_and_nothing_off_it_is_not(seed):
    evidence = evidence_of(calls(8, seed))
    points = curve(evidence, np.ones(len(evidence.whole.policies), np.bool_))
    rates = [point.cut_in_rate.value for point in points]
    waits = [point.mean_wait_ms.value for point in points]
    assert rates == sorted(rates)
    assert waits == sorted(waits, reverse=True)
    all_rates = evidence.whole.measure(Measure.CUT_INS)
    all_waits = evidence.whole.measure(Measure.MEAN_WAIT)
    for rate, wait in zip(all_rates, all_waits, strict=True):
        assert any(r <= rate + 1e-9 and w <= wait + 1e-6 for r, w in zip(rates, waits, strict=True))


def test_the_dearer_a_cut_in_the_longer_the_advised_waits():
    sums = evidence_of(calls(20)).whole
    advised = by_exchange_rate(sums, BALANCED)
    assert [rate for rate, _ in advised] == list(range(1_000, 21_000, 1_000))
    waits = sums.measure(Measure.MEAN_WAIT)
    along = [waits[sums.policies.index(policy)] for _, policy in advised]
    assert along == sorted(along)
    assert along[0] < along[-1]


def test_more_calls_follow_the_square_root_of_how_far_the_interval_reaches():
    value, upper, limit = 0.04, 0.07, 0.05
    goal = parse_goal("mid-sentence <= 5 %")
    budgets = Budgets(goal, {}, np.array([[value]]), np.array([[upper]]), np.array([[limit]]))
    assert budgets.more_calls[0] == pytest.approx(9)
    assert not budgets.met[0]
