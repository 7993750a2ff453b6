"""Reconnecting and catching up: bounded, spread out, never in a burst."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.live import errors
from fermata.live.catching_up import SendPacer
from fermata.live.reconnection import Backoff
from fermata.live.timing import Timing

DROPPED = errors.DroppedError("gone")


def test_back_offs_grow_and_come_to_an_end():
    backoff = Backoff(Timing(), chance=lambda: 1.0)
    delays = [backoff.delay_s(DROPPED, 0) for _ in range(7)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, None]


def test_a_healthy_minute_makes_the_next_drop_the_first():
    backoff = Backoff(Timing(), chance=lambda: 1.0)
    for _ in range(6):
        backoff.delay_s(DROPPED, 0)
    assert backoff.delay_s(DROPPED, 60) == 0.5


def test_channels_that_dropped_together_come_back_spread_out():
    delays = [Backoff(Timing(), chance=lambda c=c: c).delay_s(DROPPED, 0) for c in (0, 0.5, 1)]
    assert delays == [0.25, 0.375, 0.5]


def test_too_many_sessions_wait_for_a_good_part_of_a_minute():
    crowded = errors.TooManySessionsError("full")
    assert Backoff(Timing(), chance=lambda: 0.0).delay_s(crowded, 0) == 15
    assert Backoff(Timing(), chance=lambda: 1.0).delay_s(crowded, 0) == 30


@pytest.mark.parametrize(
    "kind",
    [
        errors.AuthenticationError,
        errors.BalanceError,
        errors.BadParameterError,
        errors.PacingError,
        errors.FrameLengthError,
        errors.CertificateError,
        errors.RefusedError,
    ],
)
def test_what_would_fail_again_is_not_tried_again(kind):
    assert Backoff(Timing()).delay_s(kind("no"), 100) is None


class Simulated:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_backlog_goes_out_at_a_quarter_more_than_real_time():
    clock = Simulated()
    pacer = SendPacer(1.25, 0.25, clock)
    for _ in range(1000):
        clock.now += pacer.wait_s(0.05)
    assert clock.now == pytest.approx(1000 * 0.05 / 1.25, abs=0.3)


def test_frames_that_come_in_real_time_never_wait():
    clock = Simulated()
    pacer = SendPacer(1.25, 0.25, clock)
    for _ in range(100):
        assert pacer.wait_s(0.05) == 0
        clock.now += 0.05


@given(st.lists(st.floats(0, 0.5), max_size=60))
def test_however_late_a_thread_wakes_the_burst_is_bounded(pauses):
    clock = Simulated()
    pacer = SendPacer(1.25, 0.25, clock)
    sent_s = 0.0
    for pause in pauses:
        clock.now += pause + pacer.wait_s(0.05)
        sent_s += 0.05
        assert sent_s <= clock.now * 1.25 + 0.25 * 1.25 + 0.05 + 1e-9
