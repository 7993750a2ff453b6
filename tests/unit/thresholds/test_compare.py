"""The comparison judges what is fitted on calls that it has not seen; the plane shows all."""

import numpy as np
import pytest

from fermata.errors import UsageError
from fermata.replay import Assumptions, PolicyGrid, Rule, replay
from fermata.thresholds import Policy, advise, compare, landscape
from tests.unit.thresholds.call_making import BALANCED, NAMED, calls, question

pytestmark = pytest.mark.usefixtures("fewer_samples")

SETTINGS = {**NAMED, "present": Policy(300, 900)}


def guide(gaps_ms):
    return NAMED["conservative"] if gaps_ms.mean() >= 1_000 else BALANCED


def rows_of(found, goal="", rule=Rule.PUNCTUATION):
    comparison = compare(found, question(goal, rule), SETTINGS, guide)
    return {row.name: row for row in comparison.rows}


def test_the_rows_come_in_order_each_with_its_policies():
    rows = rows_of(calls(20))
    assert list(rows) == ["guide", *SETTINGS, "recommendation"]
    for name, policy in SETTINGS.items():
        assert set(rows[name].by_fold) == {policy}
        assert rows[name].judged.policy == policy
    assert set(rows["guide"].by_fold) == {BALANCED}


def test_fixed_policies_have_the_figures_of_the_replay():
    found = calls(12)
    judged = rows_of(found)["present"].judged
    expected = replay([call.pauses for call in found], PolicyGrid.one(300, 900)).measures()
    assert judged.cut_in_rate.value == pytest.approx(expected.cut_in_rate.item())
    assert judged.mean_wait_ms.value == pytest.approx(expected.mean_wait_ms.item())
    assert judged.p90_wait_ms.value == expected.wait_quantile_ms(0.9).item()
    assert judged.cut_ins_per_minute == pytest.approx(expected.cut_ins_per_minute.item())
    assert judged.cancelled_share == pytest.approx(expected.cancelled_share.item())
    assert judged.no_fire_rate == expected.no_fire_rate.item()


def test_the_recommendation_is_judged_on_the_folds_it_was_not_fitted_on():
    found = calls(20)
    row = rows_of(found)["recommendation"]
    cut_in_turns = turns = 0.0
    for fold, policy in enumerate(row.by_fold):
        held_out = [call.pauses for call in found[fold::5]]
        training = [call for at, call in enumerate(found) if at % 5 != fold]
        assert advise(training, question())["*"].policy == policy
        grid = PolicyGrid.one(policy.min_turn_silence_ms, policy.max_turn_silence_ms)
        measures = replay(held_out, grid).measures()
        cut_in_turns += measures.cut_in_turns.item()
        turns += measures.turns.item()
    assert row.judged.cut_in_rate.value == pytest.approx(cut_in_turns / turns)


def test_unseen_calls_cost_no_less_than_those_it_was_fitted_on():
    found = calls(20)
    fitted = advise(found, question())["*"].best
    rows = rows_of(found)
    assert rows["recommendation"].judged.cost_ms.value >= fitted.cost_ms.value
    assert rows["recommendation"].judged.cost_ms.value < rows["balanced"].judged.cost_ms.value


def test_a_goal_is_followed_in_every_fold():
    row = rows_of(calls(20), "no slower than present")["recommendation"]
    assert row.judged.mean_wait_ms.value <= 900


def test_the_order_of_the_calls_means_nothing_to_a_comparison():
    found = calls(13)
    forwards, backwards = (
        compare(each, question("mid-sentence <= 5 %"), SETTINGS, guide)
        for each in (found, found[::-1])
    )
    assert forwards == backwards
    assert (forwards.calls, forwards.turns) == (13, 13 * 25)


def test_too_few_calls_and_unknown_rules_cannot_be_compared():
    with pytest.raises(UsageError, match="cannot be dealt to 5 folds"):
        compare(calls(4), question(), SETTINGS, guide)
    with pytest.raises(UsageError, match="not documented"):
        compare(calls(10), question(rule=None), SETTINGS, guide)


def test_the_landscape_is_the_replay_of_the_whole_plane():
    found = calls(6)
    assumed = Assumptions(120, 700, 0.05, 0.0)
    plane = landscape(found, question("one cut-in = 2 s", assumptions=assumed))
    grid = PolicyGrid(plane.min_ms, plane.max_ms)
    measures = replay([call.pauses for call in found], grid, assumed).measures()
    shown = plane.min_ms[:, None] <= plane.max_ms
    assert plane.cost_ms.shape == grid.shape
    assert np.all(np.isnan(plane.cost_ms) == ~shown)
    assert np.allclose(plane.cut_in_rate[shown], measures.cut_in_rate[shown])
    assert np.allclose(plane.mean_wait_ms[shown], measures.mean_wait_ms[shown])
    assert np.allclose(
        plane.cost_ms[shown], (measures.mean_wait_ms + 2_000 * measures.cut_in_rate)[shown]
    )


def test_there_is_no_landscape_without_turns():
    with pytest.raises(UsageError, match="no call has a finished turn"):
        landscape([], question())
