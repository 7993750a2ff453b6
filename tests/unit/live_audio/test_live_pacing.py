"""Pacing: absolute deadlines on a monotonic clock, so nothing adds up."""

import time
from threading import Event

import pytest

from fermata.live.pacing import Pacer

RATE_HZ = 16_000
BLOCK = 800


class World:
    """A clock that moves only when someone waits or works."""

    def __init__(self, oversleep_s: float = 0.0) -> None:
        self.now_s = 1000.0
        self.oversleep_s = oversleep_s
        self.stopped = False

    def wait(self, seconds: float) -> bool:
        if seconds > 0:
            self.now_s += seconds + self.oversleep_s
        return self.stopped

    def clock(self) -> float:
        return self.now_s

    def pacer(self) -> Pacer:
        return Pacer(RATE_HZ, self.wait, self.clock)


def test_ten_minutes_with_slow_work_and_late_waking_end_within_one_wait_of_ten_minutes() -> None:
    world = World(oversleep_s=0.003)
    pacer = world.pacer()
    for block in range(1, 12_001):
        pacer.wait_for(block * BLOCK)
        lateness_s = world.now_s - 1000.0 - block * 0.05
        assert 0 <= lateness_s <= 0.0031
        world.now_s += 0.01


def test_no_block_leaves_before_its_last_sample_was_due() -> None:
    world = World()
    pacer = world.pacer()
    pacer.wait_for(BLOCK)
    assert world.now_s == pytest.approx(1000.05)


def test_a_short_delay_is_caught_up() -> None:
    world = World()
    pacer = world.pacer()
    pacer.wait_for(BLOCK)
    world.now_s += 0.8
    for block in range(2, 40):
        pacer.wait_for(block * BLOCK)
    assert world.now_s == pytest.approx(1000.0 + 39 * 0.05)


def test_after_a_long_standstill_the_rest_is_put_off_instead_of_sent_in_one_burst() -> None:
    world = World()
    pacer = world.pacer()
    pacer.wait_for(BLOCK)
    world.now_s += 3600
    resumed_s = world.now_s
    for block in range(2, 22):
        pacer.wait_for(block * BLOCK)
    assert world.now_s - resumed_s == pytest.approx(19 * 0.05)


def test_a_stop_breaks_the_wait_off() -> None:
    stop = Event()
    stop.set()
    assert Pacer(RATE_HZ, stop.wait).wait_for(24 * 3600 * RATE_HZ)


def test_a_second_of_real_time_is_a_second() -> None:
    pacer = Pacer(RATE_HZ, Event().wait)
    began_s = time.monotonic()
    for block in range(1, 21):
        assert not pacer.wait_for(block * BLOCK)
    # How late a machine wakes is its own affair.
    assert time.monotonic() - began_s >= 1.0
