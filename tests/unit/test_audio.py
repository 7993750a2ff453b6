"""Audio of every common format is measured and decoded; what is no audio says so."""

import errno
import io
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fermata.audio import AudioFacts, NotAudioError, decode, decode_blocks, probe

SECONDS = 1.0

# container, codec, sample rate, layout
FORMATS = [
    ("wav", "pcm_u8", 16000, "mono"),
    ("wav", "pcm_s16le", 16000, "stereo"),
    ("wav", "pcm_s24le", 44100, "mono"),
    ("wav", "pcm_s32le", 16000, "mono"),
    ("wav", "pcm_f32le", 48000, "stereo"),
    ("wav", "pcm_mulaw", 8000, "stereo"),
    ("wav", "pcm_s16le", 16000, "5.1"),
    ("mp3", "libmp3lame", 44100, "stereo"),
    ("flac", "flac", 16000, "mono"),
    ("ogg", "libopus", 48000, "stereo"),
    ("opus", "libopus", 48000, "mono"),
    ("ipod", "aac", 44100, "stereo"),
    ("mp4", "aac", 48000, "mono"),
    ("webm", "libopus", 48000, "stereo"),
    ("mpegts", "aac", 48000, "mono"),
    ("adts", "aac", 48000, "stereo"),
    ("aiff", "pcm_s16be", 16000, "mono"),
    ("au", "pcm_s16be", 16000, "mono"),
    ("amr", "libopencore_amrnb", 8000, "mono"),
    ("ac3", "ac3", 48000, "stereo"),
]


def encoded(
    container: str, codec: str, rate_hz: int = 16000, layout: str = "mono", level: float = 0.5
) -> bytes:
    """A second of a 440 Hz tone at half of full scale; a tenth of that past the first channel."""
    buffer = io.BytesIO()
    channels = len(av.AudioLayout(layout).channels)
    tone = level * np.sin(2 * np.pi * 440 * np.arange(int(SECONDS * rate_hz)) / rate_hz)
    samples = np.stack([tone, *[tone / 10] * (channels - 1)]).astype(np.float32)
    with av.open(buffer, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate = rate_hz
        pieces = av.AudioResampler(stream.format, layout, rate_hz, stream.frame_size or None)
        for piece in [*pieces.resample(frame), *pieces.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def wav_with_sizes(riff_bytes: int, data_bytes: int) -> bytes:
    """A WAV file as a program writes it that could not seek back to fill in the sizes."""
    content = bytearray(encoded("wav", "pcm_s16le"))
    struct.pack_into("<I", content, 4, riff_bytes)
    struct.pack_into("<I", content, content.index(b"data") + 4, data_bytes)
    return bytes(content)


@pytest.mark.parametrize(("container", "codec", "rate_hz", "layout"), FORMATS)
def test_common_formats_are_measured_and_decoded(
    container: str, codec: str, rate_hz: int, layout: str
) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this build of PyAV can't write {codec}")
    content = encoded(container, codec, rate_hz, layout)
    channels = len(av.AudioLayout(layout).channels)
    facts = probe(io.BytesIO(content))
    assert (facts.channels, facts.sample_rate_hz) == (channels, rate_hz)
    assert facts.duration_s == pytest.approx(SECONDS, abs=0.1)

    samples = decode(io.BytesIO(content), 16000)
    assert samples.dtype == np.float32
    assert samples.shape == (channels, pytest.approx(16000, abs=1600))
    middle = samples[:, 4000:12000]
    assert np.sqrt(np.mean(middle[0] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.2)
    assert np.abs(samples).max() <= 1.0


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000])
def test_audio_comes_at_the_rate_asked_for(rate_hz: int) -> None:
    samples = decode(io.BytesIO(encoded("wav", "pcm_s16le", 16000)), rate_hz)
    assert samples.shape == (1, pytest.approx(rate_hz, abs=20))
    spectrum = np.abs(np.fft.rfft(samples[0]))
    assert spectrum.argmax() * rate_hz / samples.size == pytest.approx(440, abs=2)


def test_samples_without_conversion_are_exact() -> None:
    pcm = np.array([0, 1, -1, 16384, 32767, -32768], dtype="<i2")
    content = wav_with_sizes(36 + pcm.nbytes, pcm.nbytes)
    content = content[: content.index(b"data") + 8] + pcm.tobytes()
    assert np.array_equal(decode(io.BytesIO(content), 16000)[0], pcm / np.float32(32768))


def test_each_channel_stays_on_its_own() -> None:
    samples = decode(io.BytesIO(encoded("wav", "pcm_s16le", layout="stereo")), 16000)
    assert np.abs(samples[0]).max() == pytest.approx(0.5, abs=0.01)
    assert np.abs(samples[1]).max() == pytest.approx(0.05, abs=0.01)


def test_samples_beyond_full_scale_are_clipped() -> None:
    assert np.abs(decode(io.BytesIO(encoded("wav", "pcm_f32le", level=3.0)), 16000)).max() == 1.0


def test_blocks_are_the_whole_in_pieces() -> None:
    content = encoded("wav", "pcm_s16le", 44100, "stereo")
    blocks = list(decode_blocks(io.BytesIO(content), 16000))
    assert len(blocks) > 5
    assert np.array_equal(np.concatenate(blocks, axis=1), decode(io.BytesIO(content), 16000))


@pytest.mark.parametrize("name", ["a.wav", "http:a.wav", "concat:a.wav|b.wav", "-i"])
def test_a_path_is_a_path_whatever_it_looks_like(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(encoded("wav", "pcm_s16le"))
    assert probe(name) == probe(Path(name)) == AudioFacts(SECONDS, 1, 16000)


@pytest.mark.parametrize("read", [probe, lambda file: decode(file, 16000)])
def test_a_file_object_is_left_open(read: Callable[[io.BytesIO], object]) -> None:
    file = io.BytesIO(encoded("wav", "pcm_s16le"))
    read(file)
    assert not file.closed


@pytest.mark.parametrize("sizes", [(0xFFFFFFFF, 0xFFFFFFFF), (0, 0x7FFFFFFF)])
def test_a_wav_file_whose_sizes_were_never_filled_in_is_measured(sizes: tuple[int, int]) -> None:
    file = io.BytesIO(wav_with_sizes(*sizes))
    assert probe(file).duration_s == pytest.approx(SECONDS, abs=0.01)
    assert decode(io.BytesIO(file.getvalue()), 16000).shape == (1, 16000)


def test_a_length_missing_in_the_header_is_counted() -> None:
    class Pipe(io.BytesIO):
        """What a browser's recorder writes to: it can't go back to fill in the length."""

        def seekable(self) -> bool:
            return False

    buffer = Pipe()
    with av.open(buffer, "w", format="webm", options={"live": "1"}) as out:
        stream: Any = out.add_stream("libopus", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 48000), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 48000
        pieces = av.AudioResampler(stream.format, "mono", 48000, stream.frame_size)
        for piece in [*pieces.resample(frame), *pieces.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    assert probe(io.BytesIO(buffer.getvalue())).duration_s == pytest.approx(SECONDS, abs=0.03)


def test_a_length_that_the_file_can_not_hold_is_counted() -> None:
    content = bytearray(encoded("mp3", "libmp3lame", 44_100))
    tag = max(content.find(b"Xing"), content.find(b"Info"))
    struct.pack_into(">I", content, tag + 8, 20_000_000)
    assert probe(io.BytesIO(content)).duration_s == pytest.approx(SECONDS, abs=0.2)


@pytest.mark.parametrize(
    ("container", "codec"), [("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("flac", "flac")]
)
def test_audio_that_was_cut_off_is_read_up_to_its_end(container: str, codec: str) -> None:
    content = encoded(container, codec, 44100)
    samples = decode(io.BytesIO(content[: len(content) // 2]), 16000)
    assert 1000 < samples.shape[1] < 12000


def test_damage_in_the_middle_is_passed_over() -> None:
    content = bytearray(encoded("mp3", "libmp3lame", 44100))
    middle = len(content) // 2
    content[middle : middle + 500] = bytes(500)
    assert decode(io.BytesIO(bytes(content)), 16000).shape[1] > 12000


def test_tags_in_an_old_encoding_do_no_harm() -> None:
    content = encoded("wav", "pcm_s16le")
    tag = b"LIST" + struct.pack("<I", 16) + b"INFOINAM" + struct.pack("<I", 4) + b"\xe9\xff\xfe\0"
    assert probe(io.BytesIO(content[:36] + tag + content[36:])).channels == 1


CUT_MP4 = encoded("mp4", "aac")[:-2000]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"just text\n" * 500,
        b"<html>" + b"x" * 5000,
        bytes(100_000),
        os.urandom(100_000),
        encoded("wav", "pcm_s16le")[:40],
        CUT_MP4,
    ],
    ids=["nothing", "4 bytes", "text", "html", "zeros", "noise", "cut header", "cut mp4"],
)
def test_what_is_no_audio_says_so_in_one_line(content: bytes) -> None:
    for read in (probe, lambda file: decode(file, 16000)):
        with pytest.raises(NotAudioError, match=r"^it can't be decoded as audio \(.+\)$"):
            read(io.BytesIO(content))


def test_audio_of_no_length_says_so() -> None:
    content = wav_with_sizes(36, 0)
    content = content[: content.index(b"data") + 8]
    for read in (probe, lambda file: decode(file, 16000)):
        with pytest.raises(NotAudioError, match="there is not one sample of audio in it"):
            read(io.BytesIO(content))


def test_a_film_without_sound_says_so() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        out.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        out.mux(stream.encode(None))
    with pytest.raises(NotAudioError, match="there is no audio stream in it"):
        probe(io.BytesIO(buffer.getvalue()))


def test_a_file_that_does_not_exist_is_an_ordinary_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "missing.wav")


def test_an_error_of_the_file_object_passes_through() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("the storage hung up")

    with pytest.raises(ConnectionResetError, match="hung up"):
        probe(Broken(b"something"))


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://{server}/a.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile 'http://{server}/a.wav'\n",
        "ffconcat version 1.0\nfile '{path}'\n",
    ],
    ids=["m3u8", "concat of an address", "concat of a file"],
)
def test_a_playlist_dressed_up_as_audio_opens_nothing_else(tmp_path: Path, playlist: str) -> None:
    (tmp_path / "other.wav").write_bytes(encoded("wav", "pcm_s16le"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        text = playlist.format(server=address, path="other.wav")
        (tmp_path / "list.wav").write_text(text)
        with pytest.raises(NotAudioError):
            probe(tmp_path / "list.wav")
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("rate_hz", [1, 7, 999, 768_001, 520_109_696])
def test_a_sample_rate_that_nobody_records_at_is_no_audio(rate_hz: int) -> None:
    content = bytearray(encoded("wav", "pcm_s16le"))
    struct.pack_into("<I", content, 24, rate_hz)
    for read in (probe, lambda file: decode(file, 16_000)):
        with pytest.raises(NotAudioError, match=f"{rate_hz:,} Hz"):
            read(io.BytesIO(content))


class Pedantic(io.BytesIO):
    """A file that complains of places outside of it, as those on a disk or in S3 do."""

    name = "call.m4a"

    def __init__(self, content: bytes, error: Exception) -> None:
        super().__init__(content)
        self._error = error

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and offset < 0:
            raise self._error
        return super().seek(offset, whence)


@pytest.mark.parametrize(
    "error", [OSError(errno.EINVAL, "Invalid argument"), ValueError("Seek before start of file")]
)
def test_a_header_that_points_outside_of_the_file_is_no_audio(error: Exception) -> None:
    with pytest.raises(NotAudioError):
        probe(Pedantic(b"", error))


def test_a_disk_that_fails_is_no_fault_of_the_audio() -> None:
    class Failing(io.BytesIO):
        def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        probe(Failing(encoded("ipod", "aac")))


@pytest.mark.parametrize("extension", ["aac", "flac", "m4a", "mp3", "ogg", "wav", "webm"])
def test_an_empty_file_of_any_name_is_no_audio(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"call.{extension}"
    path.touch()
    with pytest.raises(NotAudioError):
        probe(path)
