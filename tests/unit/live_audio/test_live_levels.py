"""The level meter's figures, against what the definition gives."""

import numpy as np
import pytest

from fermata.live.levels import SILENCE_DBFS, rms_dbfs


def test_levels_are_rms_relative_to_full_scale_one_per_channel() -> None:
    time_s = np.arange(800) / 16000
    sine = np.rint(32767 * np.sin(2 * np.pi * 1000 * time_s))
    square = np.where(np.arange(800) % 2, -32768, 32767)
    tenth = square / 10
    levels = rms_dbfs(np.stack([sine, square, tenth, 0 * sine]).astype(np.int16))
    assert levels == pytest.approx((-3.01, 0.0, -20.0, SILENCE_DBFS), abs=0.01)


def test_the_quietest_signal_is_louder_than_silence() -> None:
    assert rms_dbfs(np.ones((1, 800), np.int16))[0] == pytest.approx(-90.3, abs=0.1)


def test_an_empty_block_is_silence() -> None:
    assert rms_dbfs(np.empty((1, 0), np.int16)) == (SILENCE_DBFS,)
