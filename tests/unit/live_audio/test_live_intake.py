"""What lies between the sound system's callback and the capture thread."""

from threading import Thread

import numpy as np
import pytest

from fermata.live.sources import Losses
from fermata.live.sources.intake import Intake, StalledError


def pcm(first: int, samples: int, channels: int = 1) -> bytes:
    return np.arange(first, first + samples * channels).astype(np.int16).tobytes()


def test_interleaved_samples_become_channels() -> None:
    intake = Intake(2, 1000, capacity_blocks=10)
    intake.receive(pcm(0, 3, channels=2), overflowed=False)
    intake.end()
    (block,) = intake.blocks(1)
    assert block.samples.tolist() == [[0, 2, 4], [1, 3, 5]]


def test_what_is_not_fetched_in_time_is_counted_and_leaves_a_hole() -> None:
    intake = Intake(1, 1000, capacity_blocks=2)
    for number in range(5):
        intake.receive(pcm(number * 50, 50), overflowed=False)
    blocks = intake.blocks(1)
    assert [next(blocks).start_sample for _ in range(2)] == [0, 50]
    intake.receive(pcm(250, 50), overflowed=False)
    assert next(blocks).start_sample == 250
    assert intake.losses == Losses(overflows=0, dropped_blocks=3, dropped_ms=150.0)


def test_overflows_that_the_sound_system_reports_are_counted() -> None:
    intake = Intake(1, 1000, capacity_blocks=10)
    for overflowed in (False, True, True):
        intake.receive(pcm(0, 50), overflowed=overflowed)
    assert intake.losses.overflows == 2


def test_a_device_that_falls_silent_is_an_error_and_not_an_endless_wait() -> None:
    intake = Intake(1, 1000, capacity_blocks=10)
    with pytest.raises(StalledError):
        next(intake.blocks(stalled_after_s=0.01))


def test_ending_wakes_the_reader() -> None:
    intake = Intake(1, 1000, capacity_blocks=10)
    got: list[object] = []
    reader = Thread(target=lambda: got.extend(intake.blocks(60)))
    reader.start()
    intake.end()
    reader.join(10)
    assert not reader.is_alive()
    assert got == []
