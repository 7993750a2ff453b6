"""The recording of a session: whole at every moment, and as long as the session."""

import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from fermata.audio import probe
from fermata.live.frames import Block
from fermata.live.recorder import WavRecorder

RATE_HZ = 16_000


def block(start_sample: int, channels: int = 2, samples: int = 800) -> Block:
    ramp = np.arange(start_sample, start_sample + samples) % 30_000
    return Block(start_sample, np.stack([ramp + c for c in range(channels)]).astype(np.int16))


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        frames = file.readframes(file.getnframes())
        samples = np.frombuffer(frames, "<i2").reshape(-1, file.getnchannels())
        assert len(samples) == file.getnframes()
        return samples.T


def form(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


@pytest.mark.parametrize("channels", [1, 2, 4, 32])
def test_the_file_holds_every_channel_exactly(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "audio.wav"
    blocks = [block(start, channels) for start in (0, 800, 1600)] + [block(2400, channels, 123)]
    with WavRecorder(path, RATE_HZ, channels) as recorder:
        for each in blocks:
            recorder.write(each)
    expected = np.concatenate([each.samples for each in blocks], axis=1)
    assert np.array_equal(read(path), expected)
    assert recorder.duration_s == pytest.approx(2523 / RATE_HZ)


def test_the_file_is_valid_before_the_first_block_and_after_each_one(tmp_path: Path) -> None:
    path = tmp_path / "audio.wav"
    with WavRecorder(path, RATE_HZ, 2) as recorder:
        assert read(path).shape == (2, 0)
        for number in range(5):
            recorder.write(block(number * 800))
            assert read(path).shape == (2, (number + 1) * 800)
    assert [each.name for each in tmp_path.iterdir()] == ["audio.wav"]


def test_what_never_came_is_silence_of_its_length(tmp_path: Path) -> None:
    path = tmp_path / "audio.wav"
    with WavRecorder(path, RATE_HZ, 1) as recorder:
        recorder.write(block(0, 1))
        recorder.write(block(8000, 1))
    samples = read(path)[0]
    assert not samples[800:8000].any()
    assert np.array_equal(samples[8000:], block(8000, 1).samples[0])


def test_a_recording_beyond_4_gib_becomes_rf64_and_keeps_its_whole_length(tmp_path: Path) -> None:
    path = tmp_path / "audio.wav"
    hours_35 = 35 * 3600 * RATE_HZ
    with WavRecorder(path, RATE_HZ, 2) as recorder:
        recorder.write(block(0))
        recorder.write(block(hours_35))
    assert form(path) == b"RF64"
    assert path.stat().st_blocks * 512 < 2**20, "the hole takes no room on the disk"
    facts = probe(path)
    assert facts.duration_s == pytest.approx((hours_35 + 800) / RATE_HZ)
    assert facts.channels == 2


def test_the_last_file_below_4_gib_is_plain_riff_and_one_sample_more_is_rf64(
    tmp_path: Path,
) -> None:
    path = tmp_path / "audio.wav"
    most_samples = (2**32 - 2 - 72) // 2
    with WavRecorder(path, RATE_HZ, 1) as recorder:
        recorder.write(block(most_samples - 800, 1))
        assert form(path) == b"RIFF"
        with wave.open(str(path)) as file:
            assert file.getnframes() == most_samples
        recorder.write(block(most_samples, 1, 1))
        assert form(path) == b"RF64"


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    recorder = WavRecorder(tmp_path / "audio.wav", RATE_HZ, 1)
    recorder.close()
    recorder.close()


def test_a_process_killed_at_any_moment_leaves_a_valid_file(tmp_path: Path) -> None:
    script = Path(__file__).with_name("killed_recorders.py")
    subprocess.run([sys.executable, str(script), str(tmp_path), "120"], check=True, timeout=200)
    recordings = sorted(tmp_path.glob("*.wav"))
    lengths = [_checked_length(path) for path in recordings]
    # Those that were to live for no time may have been killed before they had a file.
    assert len(recordings) >= 116
    assert max(lengths) >= 28 * 800, "some of them lived for a while"


def _checked_length(path: Path) -> int:
    samples = read(path)
    length = int(samples.shape[1])
    assert np.array_equal(samples, block(0, 2, length).samples)
    if length:
        with av.open(str(path)) as container:
            assert sum(frame.samples for frame in container.decode(audio=0)) == length
    return length
