"""The capture thread: real time, every channel exact, and an end that everybody hears of."""

import resource
import time
import wave
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from fermata.live.buffer import FrameBuffer
from fermata.live.capture import Capture
from fermata.live.frames import Block
from fermata.live.recorder import WavRecorder
from fermata.live.sources import Losses, SourceError
from fermata.live.sources.file import FileSource
from tests.unit.live_audio.wavs import wav

RATE_HZ = 8_000
BOUND_S = 100
LONG_S = 300
RNG = np.random.default_rng(21)

Blocks = Generator[Block, None, None]


class Generated:
    """A source that comes at its own pace, out of a generator."""

    name = "generated"
    sample_rate_hz = RATE_HZ
    is_live = True
    duration_s = None

    def __init__(self, blocks: Callable[[], Blocks], channels: int = 1) -> None:
        self.blocks = blocks
        self.channel_names = tuple("abcdefgh"[:channels])
        self.losses = Losses()
        self.closed = Event()

    def close(self) -> None:
        self.closed.set()


def given(blocks: Iterable[Block]) -> Blocks:
    yield from blocks


def noise_file(folder: Path, channels: int, samples: int) -> tuple[FileSource, np.ndarray]:
    samples_of = RNG.integers(-32768, 32768, (channels, samples)).astype(np.int16)
    path = folder / "call.wav"
    path.write_bytes(wav(samples_of.T.tobytes(), channels=channels, rate_hz=RATE_HZ, bits=16))
    return FileSource(path), samples_of


def buffers_for(channels: int) -> list[FrameBuffer]:
    return [FrameBuffer(60, RATE_HZ) for _ in range(channels)]


def drained(buffer: FrameBuffer) -> bytes:
    parts = []
    while not buffer.exhausted:
        if (frame := buffer.pop(BOUND_S)) is not None:
            parts.append(frame.pcm)
    return b"".join(parts)


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_what_comes_out_of_each_buffer_is_its_channel_and_nothing_else(
    tmp_path: Path, channels: int
) -> None:
    source, samples = noise_file(tmp_path, channels, 3_210)
    buffers = buffers_for(channels)
    recorder = WavRecorder(tmp_path / "audio.wav", RATE_HZ, channels)
    levels: list[tuple[float, ...]] = []
    capture = Capture(source, buffers, stop=Event(), recorder=recorder, on_levels=levels.append)
    capture.start()
    assert [drained(buffer) for buffer in buffers] == [row.tobytes() for row in samples]
    assert capture.wait(BOUND_S)
    capture.raise_if_failed()
    assert capture.captured_s == pytest.approx(3_210 / RATE_HZ)
    assert capture.losses == Losses()
    assert len(levels) == 9
    assert all(len(level) == channels for level in levels)
    with wave.open(str(tmp_path / "audio.wav")) as file:
        assert file.readframes(file.getnframes()) == samples.T.tobytes()


def test_a_file_takes_as_long_as_it_lasts(tmp_path: Path) -> None:
    source, _ = noise_file(tmp_path, 1, RATE_HZ)
    capture = Capture(source, buffers_for(1), stop=Event())
    began_s = time.monotonic()
    capture.start()
    assert capture.wait(BOUND_S)
    assert time.monotonic() - began_s >= 1.0


def test_when_a_sample_was_spoken_is_known(tmp_path: Path) -> None:
    source, _ = noise_file(tmp_path, 1, RATE_HZ // 4)
    capture = Capture(source, buffers_for(1), stop=Event())
    assert capture.spoken_at_s(0) is None
    began_s = time.monotonic()
    capture.start()
    assert capture.wait(BOUND_S)
    ended_s = time.monotonic()
    first_s, last_s = capture.spoken_at_s(0), capture.spoken_at_s(RATE_HZ // 4)
    assert last_s == pytest.approx(first_s + 0.25)
    assert began_s <= first_s
    assert last_s <= ended_s


@pytest.mark.parametrize("end", ["event", "close"])
def test_a_stop_ends_a_long_file_at_once_and_closes_everything(tmp_path: Path, end: str) -> None:
    source, _ = noise_file(tmp_path, 2, LONG_S * RATE_HZ)
    buffers, stop = buffers_for(2), Event()
    recorder = WavRecorder(tmp_path / "audio.wav", RATE_HZ, 2)
    capture = Capture(source, buffers, stop=stop, recorder=recorder)
    capture.start()
    assert buffers[0].pop(BOUND_S) is not None
    if end == "event":
        stop.set()
        assert capture.wait(BOUND_S)
    else:
        assert capture.close(BOUND_S)
    assert capture.captured_s < LONG_S
    capture.raise_if_failed()
    for buffer in buffers:
        drained(buffer)
        assert buffer.exhausted
    with wave.open(str(tmp_path / "audio.wav")) as file:
        assert file.getnframes() == pytest.approx(capture.captured_s * RATE_HZ)


def test_a_capture_that_never_started_is_closed_all_the_same(tmp_path: Path) -> None:
    source, (buffer,) = Generated(lambda: given(())), buffers_for(1)
    recorder = WavRecorder(tmp_path / "audio.wav", RATE_HZ, 1)
    capture = Capture(source, [buffer], stop=Event(), recorder=recorder)
    assert capture.close()
    assert source.closed.is_set()
    assert buffer.exhausted
    capture.raise_if_failed()


def test_an_error_in_the_source_reaches_the_main_thread_and_closes_the_buffers(
    tmp_path: Path,
) -> None:
    def blocks() -> Blocks:
        yield Block(0, np.ones((1, 400), np.int16))
        raise SourceError("the cable was pulled")

    source, (buffer,) = Generated(blocks), buffers_for(1)
    recorder = WavRecorder(tmp_path / "audio.wav", RATE_HZ, 1)
    capture = Capture(source, [buffer], stop=Event(), recorder=recorder)
    capture.start()
    assert capture.wait(BOUND_S)
    assert len(drained(buffer)) == 800
    assert source.closed.is_set()
    with pytest.raises(SourceError, match="the cable was pulled"):
        capture.raise_if_failed()
    with wave.open(str(tmp_path / "audio.wav")) as file:
        assert file.getnframes() == 400


def test_a_bug_in_what_listens_to_the_levels_is_not_swallowed_and_frees_the_device() -> None:
    device_freed = Event()

    def blocks() -> Blocks:
        try:
            yield Block(0, np.ones((1, 400), np.int16))
        finally:
            device_freed.set()

    capture = Capture(Generated(blocks), buffers_for(1), stop=Event(), on_levels=lambda _: 1 / 0)
    capture.start()
    assert capture.wait(BOUND_S)
    assert device_freed.is_set()
    with pytest.raises(ZeroDivisionError):
        capture.raise_if_failed()


def test_a_sender_that_stalls_does_not_hold_up_the_capture() -> None:
    blocks = [Block(400 * n, np.ones((1, 400), np.int16)) for n in range(200)]
    source, buffer = Generated(lambda: given(blocks)), FrameBuffer(1.0, RATE_HZ)
    capture = Capture(source, [buffer], stop=Event())
    capture.start()
    assert capture.wait(BOUND_S)
    assert (buffer.dropped_frames, buffer.dropped_ms) == (180, 9_000.0)


def test_a_full_disk_ends_the_recording_and_not_the_session(tmp_path: Path) -> None:
    blocks = [Block(400 * n, np.ones((1, 400), np.int16)) for n in range(200)]
    source, buffer = Generated(lambda: given(blocks)), FrameBuffer(60.0, RATE_HZ)
    recorder = WavRecorder(tmp_path / "audio.wav", RATE_HZ, 1)
    capture = Capture(source, [buffer], stop=Event(), recorder=recorder)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        capture.start()
        assert capture.wait(BOUND_S)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    capture.raise_if_failed()
    assert isinstance(capture.recording_error, OSError)
    assert len(drained(buffer)) == 200 * 800
    with wave.open(str(tmp_path / "audio.wav")) as file:
        assert file.getnframes() == 124 * 400


def test_many_channels_are_captured_at_once(tmp_path: Path) -> None:
    source, samples = noise_file(tmp_path, 6, RATE_HZ // 2)
    buffers = buffers_for(6)
    capture = Capture(source, buffers, stop=Event())
    capture.start()
    assert capture.wait(BOUND_S)
    assert [drained(buffer) for buffer in buffers] == [row.tobytes() for row in samples]
