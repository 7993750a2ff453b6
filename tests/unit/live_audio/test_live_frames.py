"""Blocks and frames: lengths that the service takes, and bytes that are the channel's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fermata.live.frames import Block, samples_per_block, split_channels


@given(st.integers(8_000, 96_000))
def test_a_block_is_never_shorter_than_50_ms_and_less_than_a_sample_longer(rate_hz: int) -> None:
    duration_ms = samples_per_block(rate_hz) * 1000 / rate_hz
    assert 50 <= duration_ms < 50 + 1000 / rate_hz


def test_each_channel_becomes_one_frame_of_little_endian_samples() -> None:
    block = Block(800, np.array([[1, -2, 256], [-32768, 32767, 0]], np.int16))
    left, right = split_channels(block)
    assert left.pcm == b"\x01\x00\xfe\xff\x00\x01"
    assert right.pcm == b"\x00\x80\xff\x7f\x00\x00"
    assert (left.start_sample, left.sample_count, left.end_sample) == (800, 3, 803)
    assert block.end_sample == 803
