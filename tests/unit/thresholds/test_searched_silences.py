"""No silence is recommended that the recordings cannot tell the price of."""

import pytest

from fermata.replay import Rule
from fermata.thresholds import Policy, advise
from fermata.thresholds.grid import standard_grid
from fermata.turntaking.floor import MIN_SILENCE_MS
from tests.unit.thresholds.call_making import calls, question

QUICK = Policy(60, 900)


def test_no_silence_is_searched_that_is_too_short_to_be_a_hold():
    grid = standard_grid(Rule.PUNCTUATION, 0.4, [])
    assert grid.min_ms[0] == MIN_SILENCE_MS
    assert grid.max_ms[0] == MIN_SILENCE_MS


@pytest.mark.parametrize("goal", ["one cut-in = 1 ms", "", "cut-ins <= 30 %"])
def test_a_shorter_one_in_force_is_judged_but_never_spread_to_other_pairs(goal):
    advice = advise(calls(40), question(goal), {"*": QUICK})["*"]
    assert advice.present.policy == QUICK
    assert advice.best.policy.min_turn_silence_ms >= MIN_SILENCE_MS
    for _, policy in advice.by_exchange_rate:
        assert policy.min_turn_silence_ms >= MIN_SILENCE_MS
