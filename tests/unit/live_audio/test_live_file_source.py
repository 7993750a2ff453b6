"""A recording as a live source: every kind of WAV exactly, by its header, in constant memory."""

import os
import struct
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from hypothesis import given
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.live.frames import Block
from fermata.live.recorder import WavRecorder
from fermata.live.sources import Losses, SourceError
from fermata.live.sources.file import FileSource, cut
from tests.odd_names import ODD_NAME
from tests.unit.live_audio.wavs import FLOAT, wav

RNG = np.random.default_rng(20)


def noise(channels: int, samples: int) -> np.ndarray:
    return RNG.integers(-32768, 32768, (channels, samples)).astype(np.int16)


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "call.wav"
    path.write_bytes(content)
    return path


def heard(source: FileSource) -> np.ndarray:
    return np.concatenate([block.samples for block in source.blocks()], axis=1)


@pytest.mark.parametrize("form", ["plain", "extensible"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6, 7, 8, 32])
def test_every_channel_of_16_bit_audio_is_its_own_samples(
    tmp_path: Path, channels: int, form: str
) -> None:
    samples = noise(channels, 5000)
    content = wav(
        samples.T.tobytes(),
        channels=channels,
        rate_hz=16_000,
        bits=16,
        extensible=form == "extensible",
    )
    source = FileSource(saved(tmp_path, content))
    assert np.array_equal(heard(source), samples)
    assert source.channel_names == tuple(f"Speaker {n}" for n in range(1, channels + 1))
    assert source.duration_s == pytest.approx(5000 / 16_000)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_audio_of_a_rate_that_the_service_takes_is_not_resampled(
    tmp_path: Path, rate_hz: int
) -> None:
    samples = noise(2, rate_hz)
    source = FileSource(
        saved(tmp_path, wav(samples.T.tobytes(), channels=2, rate_hz=rate_hz, bits=16))
    )
    assert source.sample_rate_hz == rate_hz
    assert np.array_equal(heard(source), samples)


@pytest.mark.parametrize("rate_hz", [4_000, 7_999, 192_000])
def test_audio_of_any_other_rate_is_resampled_to_16_khz(tmp_path: Path, rate_hz: int) -> None:
    tone = (np.sin(np.arange(rate_hz) * 2 * np.pi * 440 / rate_hz) * 16_000).astype(np.int16)
    source = FileSource(saved(tmp_path, wav(tone.tobytes(), channels=1, rate_hz=rate_hz, bits=16)))
    assert source.sample_rate_hz == 16_000
    resampled = heard(source)[0]
    assert len(resampled) == pytest.approx(16_000, abs=20)
    spectrum = np.abs(np.fft.rfft(resampled[:16_000]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)


def test_a_service_with_its_own_list_of_rates_gets_one_of_them(tmp_path: Path) -> None:
    path = saved(tmp_path, wav(noise(1, 11_025).tobytes(), channels=1, rate_hz=11_025, bits=16))
    assert FileSource(path, accepted_rates_hz={8_000, 16_000}).sample_rate_hz == 16_000


def test_8_bit_audio_is_unsigned_and_taken_times_256(tmp_path: Path) -> None:
    every = np.arange(256, dtype=np.uint8)
    path = saved(tmp_path, wav(every.tobytes(), channels=1, rate_hz=8_000, bits=8))
    assert heard(FileSource(path))[0].tolist() == [(x - 128) * 256 for x in range(256)]


def rounded(value: Fraction) -> int:
    """To the nearest, ties to even, and not beyond what 16 bits hold."""
    return min(32767, max(-32768, round(value)))


def test_24_bit_audio_is_rounded_to_the_nearest(tmp_path: Path) -> None:
    values = [0, 127, 128, 129, 384, -128, -129, -384, 2**23 - 1, -(2**23), 2**22 + 200]
    content = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    path = saved(tmp_path, wav(content, channels=1, rate_hz=8_000, bits=24, extensible=True))
    assert heard(FileSource(path))[0].tolist() == [rounded(Fraction(v, 256)) for v in values]


def test_32_bit_audio_is_rounded_to_the_nearest(tmp_path: Path) -> None:
    values = [0, 2**16, -(2**16), 2**15, 3 * 2**15, 2**31 - 1, -(2**31), 123_456_768]
    content = struct.pack(f"<{len(values)}i", *values)
    path = saved(tmp_path, wav(content, channels=1, rate_hz=8_000, bits=32))
    assert heard(FileSource(path))[0].tolist() == [rounded(Fraction(v, 65536)) for v in values]


@pytest.mark.parametrize(("bits", "kind"), [(32, "f"), (64, "d")])
def test_floating_point_audio_is_rounded_and_clipped(tmp_path: Path, bits: int, kind: str) -> None:
    values = [0.0, 0.5, -0.5, 1.0, -1.0, 1.7, -9.0, 1.5 / 32768, 2.5 / 32768, 0.1]
    content = struct.pack(f"<{len(values)}{kind}", *values)
    path = saved(
        tmp_path, wav(content, channels=1, rate_hz=16_000, bits=bits, codec=FLOAT, extensible=True)
    )
    expected = [rounded(Fraction(value) * 32768) for value in values]
    assert heard(FileSource(path))[0].tolist() == expected


def test_a_float_that_is_not_a_number_is_silence(tmp_path: Path) -> None:
    content = struct.pack("<3f", float("nan"), float("inf"), 0.25)
    path = saved(tmp_path, wav(content, channels=1, rate_hz=16_000, bits=32, codec=FLOAT))
    assert heard(FileSource(path))[0].tolist() == [0, 32767, 8192]


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 10_000_000])
def test_a_recorder_that_never_wrote_the_true_length_is_no_obstacle(
    tmp_path: Path, claimed: int
) -> None:
    samples = noise(2, 9_000)
    cut_off = samples.T.tobytes()[:-3]
    content = wav(cut_off, channels=2, rate_hz=8_000, bits=16, claimed_bytes=claimed)
    source = FileSource(saved(tmp_path, content))
    assert np.array_equal(heard(source), samples[:, :-1])


def test_blocks_are_50_ms_and_follow_each_other_and_only_the_last_is_shorter(
    tmp_path: Path,
) -> None:
    content = wav(noise(2, 44_100).T.tobytes()[:-400], channels=2, rate_hz=44_100, bits=16)
    blocks = list(FileSource(saved(tmp_path, content)).blocks())
    assert [block.sample_count for block in blocks] == [2205] * 19 + [2105]
    assert [block.start_sample for block in blocks] == [2205 * n for n in range(20)]


@given(st.lists(st.integers(0, 300), max_size=30), st.integers(1, 120))
def test_cutting_loses_and_adds_nothing(lengths: list[int], size: int) -> None:
    whole = np.arange(2 * sum(lengths)).reshape(2, -1).astype(np.int16)
    ends = np.cumsum(lengths)
    pieces = [whole[:, end - length : end] for end, length in zip(ends, lengths, strict=True)]
    blocks = list(cut(pieces, size))
    assert all(block.sample_count == size for block in blocks[:-1])
    assert all(0 < block.sample_count <= size for block in blocks)
    rebuilt = np.concatenate([block.samples for block in blocks], axis=1) if blocks else whole
    assert np.array_equal(rebuilt, whole)
    assert all(
        np.array_equal(block.samples, whole[:, block.start_sample : block.end_sample])
        for block in blocks
    )


def test_memory_does_not_grow_with_the_length_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with WavRecorder(path, 16_000, 4) as recorder:
        recorder.write(Block(10 * 60 * 16_000, noise(4, 800)))
    assert path.stat().st_size > 75_000_000
    tracemalloc.start()
    try:
        total = sum(block.sample_count for block in FileSource(path).blocks())
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 10 * 60 * 16_000 + 800
    assert peak_bytes < 5_000_000


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.flac", "flac"), ("a.ogg", "libopus"), ("a.m4a", "aac"), ("a.mp3", "mp3")],
)
def test_any_other_file_that_can_be_decoded_is_a_source_too(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = tmp_path / name
    tone = (np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000) * 16_000).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        assert isinstance(stream, AudioStream)
        frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
        frame.sample_rate = 48_000
        for part in (frame, None):
            container.mux(stream.encode(part))
    source = FileSource(path)
    samples = heard(source)[0]
    assert source.sample_rate_hz == 48_000
    assert len(samples) == pytest.approx(48_000, abs=3_000)
    assert np.argmax(np.abs(np.fft.rfft(samples[:48_000]))) == pytest.approx(440, abs=2)


def test_what_is_no_audio_is_refused_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("not audio at all, only some words\n" * 100)
    with pytest.raises(UsageError, match=r"^'notes.wav' can't be streamed: .+") as refusal:
        FileSource(path)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'gone\.wav' can't be streamed: No such file"):
        FileSource(tmp_path / "gone.wav")


def test_the_address_of_a_file_is_streamed(tmp_path: Path) -> None:
    folder = tmp_path / ODD_NAME
    folder.mkdir()
    path = saved(folder, wav(bytes(2000), channels=1, rate_hz=8_000, bits=16))
    assert heard(FileSource(path.as_uri())).shape == (1, 1000)
    assert heard(FileSource(path)).shape == (1, 1000)


@pytest.mark.parametrize(
    "address",
    [
        *("https://me:s3cret@host/a.wav?token=s3cret", "http://host/a.wav", "s3://bucket/a.wav"),
        *("HTTPS://host/a.wav", "rtsp://host/live", "zzz://somewhere"),
    ],
)
def test_an_address_of_another_machine_is_refused_with_what_is_taken(address: str) -> None:
    with pytest.raises(
        UsageError, match=r"a live source is the microphone \(mic\) or a file"
    ) as no:
        FileSource(address)
    assert "s3cret" not in str(no.value)


@pytest.fixture(params=["fifo", "pipe", "device"])
def read_once(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What gives its content once, or waits for somebody to write: `<(command)` is a pipe."""
    reader, writer = os.pipe()
    os.mkfifo(tmp_path / "fifo")
    places = {"fifo": str(tmp_path / "fifo"), "pipe": f"/dev/fd/{reader}", "device": "/dev/zero"}
    yield places[request.param]
    os.close(reader)
    os.close(writer)


def test_a_pipe_or_a_device_is_refused_and_not_waited_for(read_once: str) -> None:
    with pytest.raises(UsageError, match="write the audio to a file and stream that"):
        FileSource(read_once)


def test_a_file_that_vanishes_is_a_source_error(tmp_path: Path) -> None:
    source = FileSource(saved(tmp_path, wav(bytes(2000), channels=1, rate_hz=8_000, bits=16)))
    (tmp_path / "call.wav").unlink()
    with pytest.raises(SourceError, match=r"'call.wav' can't be read on: No such file"):
        list(source.blocks())


def test_closing_ends_the_blocks(tmp_path: Path) -> None:
    path = saved(tmp_path, wav(bytes(32_000), channels=1, rate_hz=8_000, bits=16))
    source = FileSource(path)
    blocks = source.blocks()
    next(blocks)
    source.close()
    assert list(blocks) == []
    assert source.losses == Losses()
