"""The plane is fine enough, within the service's limits, and holds what it must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.replay import Rule
from fermata.thresholds import Policy
from fermata.thresholds.grid import LEAST_MS, MOST_MS, standard_grid
from tests.unit.thresholds.call_making import NAMED, question

policies = st.tuples(st.integers(50, 10_000), st.integers(50, 10_000)).map(
    lambda pair: Policy(*sorted(pair))
)


@given(st.lists(policies, max_size=5))
def test_it_has_forty_steps_a_side_and_the_given_policies(given_policies):
    grid = standard_grid(Rule.PUNCTUATION, 0.4, given_policies)
    assert min(grid.shape) >= 40
    for policy in given_policies:
        assert policy.min_turn_silence_ms in grid.min_ms
        assert policy.max_turn_silence_ms in grid.max_ms


def test_it_spans_the_service_limits_in_round_steps_that_grow():
    grid = standard_grid(Rule.PUNCTUATION, 0.4, [])
    assert (grid.min_ms[0], grid.min_ms[-1]) == (LEAST_MS, MOST_MS)
    assert np.all(grid.min_ms % 10 == 0)
    assert np.all(np.diff(grid.min_ms) <= 20 + 0.11 * grid.min_ms[:-1])


@pytest.mark.parametrize("pair", [(400, 300), (0, 300)])
def test_no_policy_has_its_silences_the_wrong_way_round(pair):
    with pytest.raises(UsageError, match="is no pair"):
        Policy(*pair)


def test_a_goal_may_name_only_known_settings():
    with pytest.raises(UsageError, match=f"name one of {', '.join(NAMED)}, present"):
        question("no slower than lightning")
