"""Limits that workers share: what a minute can hold at most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.shared_limits import SharedLimit


@given(per_minute=st.integers(2, 100_000), divisor=st.integers(1, 100))
def test_burst_and_pace_together_fill_a_minute_and_no_more(per_minute: int, divisor: int) -> None:
    limit = SharedLimit("any", per_minute, divisor)
    assert limit.burst >= 1
    assert limit.per_second >= 0
    assert limit.burst + 60 * limit.per_second == pytest.approx(per_minute)
