"""The verdict on a setting: change it, keep it, wait for more calls, or say why not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.replay import Assumptions, Rule, pauses_of
from fermata.thresholds import Call, Policy, Verdict, advise
from fermata.turntaking import Conversation, Word, turn_taking
from tests.unit.thresholds.call_making import BALANCED, any_calls, calls, question, seeds

pytestmark = pytest.mark.usefixtures("fewer_samples")

BAD = Policy(100, 200)


@settings(max_examples=2)
@given(seeds, st.randoms(use_true_random=False), st.sampled_from(["", "cut-ins <= 30 %"]))
def test_a_shuffle_of_the_calls_changes_nothing(seed, random, goal):
    found = [*calls(9, seed), *calls(7, seed + 1, "support", pause_ms=300)]
    shuffled = random.sample(found, len(found))
    asked = question(goal, assumptions=Assumptions(120, 700, 0.03, 0.02))
    assert advise(shuffled, asked, {"*": BALANCED}) == advise(found, asked, {"*": BALANCED})


@settings(max_examples=10)
@given(any_calls(), st.sampled_from(Rule), st.sampled_from(["", "mid-sentence <= 5 %"]))
def test_any_calls_get_an_answer_for_all_and_for_each_group(found, rule, goal):
    advice = advise(found, question(goal, rule), {"*": BALANCED})
    assert list(advice) == ["*", *sorted({call.group for call in found})]
    for each in advice.values():
        assert "\n" not in each.reason
        assert each.reason
        assert 0 <= each.own_share <= 1
        assert (each.policy is None) == (each.verdict not in {Verdict.CHANGE, Verdict.KEEP})


def spoken(shift_ms) -> Conversation:
    """A talk of two in which each turn has a hold of its own length."""
    words, at = [], shift_ms
    for turn in range(120):
        speaker = "AB"[turn % 2]
        for text, after_ms in (("well", 300 + 17 * (turn % 40)), ("yes.", 400)):
            words.append(Word(speaker, at, at + 900, text))
            at += 900 + after_ms
    return Conversation.of(words)


def test_a_shift_in_time_changes_nothing():
    first, second = (
        [
            Call(f"{at}", "g", pauses_of(turn_taking(spoken(shift_ms))), np.array([400]))
            for at in range(8)
        ]
        for shift_ms in (0, 3_600_000)
    )
    asked = question("mid-sentence <= 20 %")
    assert advise(first, asked, {"*": BALANCED}) == advise(second, asked, {"*": BALANCED})


def test_units_change_nothing():
    found = calls(10)
    first = advise(found, question("one cut-in = 3 s, P90 wait <= 1,5 s"), {"*": BAD})["*"]
    assert (
        first
        == advise(found, question("one cut-in = 3000 ms and P90 wait <= 1500 ms"), {"*": BAD})["*"]
    )


def test_a_bad_setting_is_changed_for_the_best_one():
    advice = advise(calls(30), question(), {"*": BAD})["*"]
    assert advice.verdict is Verdict.CHANGE
    assert advice.policy == advice.best.policy
    assert advice.present.policy == BAD
    assert advice.gain_ms.interval.low > 0
    raw = advice.present.cost_ms.value - advice.best.cost_ms.value
    assert 0 < advice.gain_ms.value <= raw
    assert "saves" in advice.reason


@pytest.mark.parametrize("seed", range(3))
def test_the_best_setting_is_kept_and_so_is_one_next_to_it(seed):
    best = advise(calls(50, seed), question())["*"].policy
    again = advise(calls(50, seed + 100), question(), {"*": best})["*"]
    assert again.verdict is Verdict.KEEP
    assert again.policy == best
    assert again.present.policy == best


def test_a_setting_that_breaks_a_budget_is_changed_though_the_cost_rises():
    advice = advise(calls(40), question("mid-sentence <= 2 %"), {"*": BALANCED})["*"]
    assert advice.verdict is Verdict.CHANGE
    assert "does not meet the budgets: mid-sentence" in advice.reason
    assert advice.best.mid_sentence_rate.interval.high <= 0.02


def test_without_a_present_setting_the_best_one_is_advised():
    advice = advise(calls(10), question())["*"]
    assert (advice.verdict, advice.present, advice.gain_ms) == (Verdict.CHANGE, None, None)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_too_few_calls_are_told_how_many_are_lacking(count):
    advice = advise(calls(count), question(), {"*": BALANCED})["*"]
    assert advice.verdict is Verdict.NOT_ENOUGH_CALLS
    assert advice.calls_needed == 6 - count
    assert advice.best is None
    assert "at least 6" in advice.reason


def test_a_shortage_is_told_of_all_calls_or_of_a_group_with_what_others_lend_it():
    found = [*calls(2), *calls(3, 7, "support")]
    advice = advise(found, question(), {"*": BALANCED})
    whole, group = advice["*"], advice["sales"]
    assert whole.reason.startswith(f"5 calls with {whole.turns} turns say as much as ")
    own = f"the group's 2 calls with {group.turns} turns, pooled with those of the other groups,"
    assert group.reason.startswith(f"{own} say as much as ")
    assert group.turns < whole.turns


def test_too_few_turns_are_told_so_too():
    advice = advise(calls(10, turns=3, holds=4), question(), {"*": BALANCED})["*"]
    assert advice.verdict is Verdict.NOT_ENOUGH_CALLS
    assert advice.calls_needed == 15
    assert advice.turns == 30


def test_a_budget_met_by_the_figure_alone_asks_for_more_calls():
    # The longest silence waits for everyone, so that only certainty is lacking.
    advice = advise(calls(8), question("mid-sentence <= 0.5 %"), {"*": BALANCED})["*"]
    assert advice.verdict is Verdict.NOT_ENOUGH_CALLS
    assert advice.best.mid_sentence_rate.value <= 0.005
    more = advise(
        calls(8 + 2 * advice.calls_needed), question("mid-sentence <= 0.5 %"), {"*": BALANCED}
    )["*"]
    assert more.verdict is Verdict.CHANGE


def test_budgets_that_nothing_meets_are_out_of_reach():
    goal = "cut-ins <= 1 %, P50 wait <= 300 ms"
    advice = advise(calls(20), question(goal), {"*": BALANCED})["*"]
    assert advice.verdict is Verdict.OUT_OF_REACH
    assert advice.policy is None
    assert advice.best is not None
    assert "the nearest is" in advice.reason


def test_an_unknown_rule_or_talk_without_turns_is_refused_with_what_to_do():
    unknown = advise(calls(10), question(rule=None), {"*": BALANCED})
    silent = advise(calls(10, turns=1, holds=0), question())
    empty = [replace(call, pauses=no_turns(call.pauses)) for call in calls(3)]
    without = advise(empty, question(), {"*": BALANCED})
    assert {each.verdict for each in unknown.values()} == {Verdict.REFUSED}
    assert "known" in unknown["sales"].reason
    assert {each.verdict for each in without.values()} == {Verdict.REFUSED}
    assert "check that the transcripts tell speakers apart" in without["*"].reason
    assert without["*"].calls == 3
    assert silent["*"].verdict is Verdict.NOT_ENOUGH_CALLS
    assert advise([], question())["*"].verdict is Verdict.REFUSED


def no_turns(pauses):
    nothing = {"turn_is_complete": np.bool_, "turn_confidence": float, "turn_own_ms": np.int64}
    empty = {name: np.zeros(0, kind) for name, kind in nothing.items()}
    return replace(pauses, hold_turn=np.full(pauses.hold_ms.size, -1), **empty)


def test_a_goal_that_names_the_present_setting_needs_one():
    asked = question("no slower than present")
    with pytest.raises(UsageError, match="say which one is in force"):
        advise(calls(10), asked)
    kept = advise(calls(10), asked, {"*": BALANCED})["*"]
    assert kept.best.mean_wait_ms.value <= kept.present.mean_wait_ms.value


@pytest.mark.parametrize("present", [Policy(240, 900), Policy(640, 1_500)])
def test_silence_alone_leaves_the_minimum_where_it_is(present):
    advice = advise(calls(20), question(rule=Rule.SILENCE), {"*": present})["*"]
    assert advice.best.policy.min_turn_silence_ms == present.min_turn_silence_ms
    assert advice.best.after_sentence_rate.value == 0
    assert advice.sensitivity == ()
    vendor = advise(calls(20), question(rule=Rule.SILENCE))["*"]
    assert vendor.best.policy.min_turn_silence_ms == BALANCED.min_turn_silence_ms


def test_assumptions_are_carried_into_the_answer_and_into_the_waits():
    found, assumed = calls(15), Assumptions(120, 700, 0.05, 0.05)
    plain = advise(found, question(), {"*": BALANCED})["*"]
    told = advise(found, question(assumptions=assumed), {"*": BALANCED})["*"]
    assert told.assumptions == assumed
    assert told.present.p50_wait_ms.value == plain.present.p50_wait_ms.value + 120
    assert told.present.mid_sentence_rate.value > plain.present.mid_sentence_rate.value


def test_the_advice_says_what_wrong_punctuation_does_to_it():
    advice = advise(calls(15), question(), {"*": BALANCED})["*"]
    none, some, many = advice.sensitivity
    assert [none.error, some.error, many.error] == [0, 0.05, 0.1]
    assert none.judged.cost_ms.value == advice.best.cost_ms.value
    assert none.best == advice.best.policy
    assert many.judged.policy == advice.best.policy
    for line in advice.sensitivity:
        assert line.best_cost_ms <= line.judged.cost_ms.value + 1e-6


def test_each_group_may_have_a_setting_of_its_own():
    found = [*calls(10, 1, "a"), *calls(10, 2, "b")]
    advice = advise(found, question(), {"*": BALANCED, "b": BAD})
    assert advice["a"].present.policy == BALANCED
    assert advice["b"].present.policy == BAD
    assert advice["*"].present.policy == BALANCED
