"""Small groups lean on the rest; large groups that truly differ are left alone."""

import numpy as np
import pytest

from fermata.thresholds import Verdict, advise
from fermata.thresholds.credibility import other_turns
from tests.unit.thresholds.call_making import BALANCED, calls, question

pytestmark = pytest.mark.usefixtures("fewer_samples")


def simulated(random, groups, calls_a_group, between, within=1.0):
    """Costs whose variance per turn is `within`, in groups that differ by `between`."""
    owners = np.repeat(np.arange(groups), calls_a_group)
    turns = random.integers(20, 40, owners.size).astype(float)
    level = random.normal(0, np.sqrt(between), groups)[owners]
    costs = level + random.normal(0, np.sqrt(within / turns))
    return costs[:, None], turns, owners


def test_k_is_the_variance_within_over_that_between():
    random = np.random.default_rng(3)
    shares = []
    for _ in range(200):
        k = other_turns(*simulated(random, groups=10, calls_a_group=20, between=0.01))
        shares.append(1 / (1 + k / 100))
    assert np.mean(shares) == pytest.approx(0.5, abs=0.05)


def test_pooled_figures_are_nearer_to_the_truth_than_own_ones():
    random = np.random.default_rng(4)
    own_error = pooled_error = 0.0
    for _ in range(200):
        levels = random.normal(0, 0.07, 8)
        owners = np.repeat(np.arange(8), 4)
        turns = random.integers(20, 40, owners.size).astype(float)
        costs = levels[owners] + random.normal(0, 1 / np.sqrt(turns))
        weight = np.bincount(owners, turns)
        means = np.bincount(owners, turns * costs) / weight
        z = weight / (weight + other_turns(costs[:, None], turns, owners))
        pooled = z * means + (1 - z) * np.average(means, weights=weight)
        own_error += float(((means - levels) ** 2).sum())
        pooled_error += float(((pooled - levels) ** 2).sum())
    assert pooled_error < 0.8 * own_error


def test_groups_that_do_not_differ_are_pooled_wholly():
    costs = np.tile([[1.0], [3.0]], (20, 1))
    owners = np.repeat([0, 1], 20)
    assert other_turns(costs, np.full(40, 10.0), owners) == float("inf")


def test_a_single_group_or_one_call_a_group_says_nothing_of_the_spread():
    costs = np.array([[1.0], [2.0], [3.0]])
    assert other_turns(costs, np.ones(3), np.zeros(3, np.int64)) == float("inf")
    assert other_turns(costs, np.ones(3), np.arange(3)) == float("inf")


def test_groups_that_truly_differ_are_left_alone():
    quick = calls(60, 1, "quick", pause_ms=150)
    slow = calls(60, 2, "slow", pause_ms=900)
    advice = advise([*quick, *slow], question(), {"*": BALANCED})
    alone = advise(slow, question(), {"*": BALANCED})["*"]
    assert advice["quick"].own_share > 0.98
    assert advice["slow"].own_share > 0.98
    assert advice["slow"].best.cut_in_rate.value == pytest.approx(
        alone.best.cut_in_rate.value, abs=0.01
    )
    assert advice["quick"].policy.max_turn_silence_ms < advice["slow"].policy.max_turn_silence_ms


def test_a_small_group_like_the_rest_gets_the_advice_of_all():
    many, few = calls(60, 1, "many"), calls(3, 2, "few")
    advice = advise([*many, *few], question(), {"*": BALANCED})
    assert advice["few"].own_share < 0.5
    assert advice["few"].verdict is Verdict.CHANGE
    whole, pooled = advice["*"].best.cost_ms, advice["few"].best.cost_ms
    assert pooled.value == pytest.approx(whole.value, rel=0.1)
    assert list(advice) == ["*", "few", "many"]
