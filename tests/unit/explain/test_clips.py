"""A few seconds of a recording around a pause."""

import io
import wave

import numpy as np
import pytest

from fermata.audio import NotAudioError, decode, decode_stretch
from fermata.explain import cut_clip

RATE_HZ = 8_000


def recording(*channels):
    """Sixteen-bit WAV of channels given in samples from -1 to 1."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(len(channels))
        written.setsampwidth(2)
        written.setframerate(RATE_HZ)
        pcm = (np.stack(channels, axis=1) * 32_767).astype("<i2")
        written.writeframes(pcm.tobytes())
    file.seek(0)
    return file


def tone(hz, seconds):
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)


def pitch_hz(samples, rate_hz):
    spectrum = np.abs(np.fft.rfft(samples))
    return np.argmax(spectrum) * rate_hz / samples.size


def test_the_clip_holds_the_pause_and_what_is_said_around_it():
    talk = np.concatenate([tone(300, 10), np.zeros(RATE_HZ), tone(900, 10)])
    clip = cut_clip(recording(talk), 10_000, 1_000, None)
    heard = decode(io.BytesIO(clip.data), 16_000)[0]
    assert clip.pause_at_s == 3
    assert 6.9 <= clip.duration_s <= 7.3
    assert pitch_hz(heard[8_000:40_000], 16_000) == pytest.approx(300, abs=5)
    assert pitch_hz(heard[72_000:104_000], 16_000) == pytest.approx(900, abs=5)
    assert np.abs(heard[52_000:60_000]).max() < 0.05


def test_a_channel_can_be_heard_alone():
    clip = cut_clip(recording(tone(300, 8), tone(900, 8)), 4_000, 500, 1)
    heard = decode(io.BytesIO(clip.data), 16_000)[0]
    assert pitch_hz(heard, 16_000) == pytest.approx(900, abs=5)


def test_a_channel_that_is_not_there_is_no_clip():
    with pytest.raises(NotAudioError, match="no channel 3"):
        cut_clip(recording(tone(300, 8)), 4_000, 500, 2)


def test_a_pause_beyond_the_end_is_no_clip():
    with pytest.raises(NotAudioError, match="no audio from"):
        cut_clip(recording(tone(300, 2)), 60_000, 500, None)


def test_a_pause_at_the_very_start_is_where_the_clip_says():
    assert cut_clip(recording(tone(300, 8)), 1_000, 500, None).pause_at_s == 1


def test_a_stretch_is_what_the_whole_has_there_to_the_sample():
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, 4 * RATE_HZ)
    whole = decode(recording(noise), RATE_HZ)
    stretch = decode_stretch(recording(noise), RATE_HZ, 1.0625, 2.5)
    assert np.array_equal(stretch, whole[:, 8_500:20_000])
