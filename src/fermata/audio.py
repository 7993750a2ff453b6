"""Reads audio of any common format: its facts from the header, its samples decoded.

PyAV does the work, always on a file object and with every protocol switched off, so that a
playlist dressed up as audio can't make FFmpeg open other files or addresses.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from numpy.typing import NDArray

from fermata.errors import FermataError
from fermata.id3_tag import behind_tags
from fermata.wave_header import read_plain_wave

_BAD_PACKETS_IN_A_ROW = 50
_RATES_HZ = range(1_000, 768_001)
"""What audio is recorded at, from below a telephone's 8,000 Hz to the most that converters do.

With what a damaged header may say instead, FFmpeg's resampler would work for hours.
"""
_FEWEST_BYTES_PER_S = 200
"""Speech takes three times as much in the thriftiest codec of telephones (AMR at 4.75 kbit/s)."""
_NO_PROTOCOL = {"protocol_whitelist": "none"}
# PyAV 18 (the last one for Python 3.11) reads the tags on opening, and fails on those in an old
# encoding unless told not to; later versions neither do that nor know the option.
_ANY_TAGS: dict[str, Any] = (
    {"metadata_errors": "ignore"} if av.__version__.startswith("18.") else {}
)

AudioFile = str | PathLike[str] | BinaryIO
Samples = NDArray[np.float32]


class NotAudioError(FermataError):
    """What was given holds no audio that can be decoded; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What a header says of its audio."""

    duration_s: float
    channels: int
    sample_rate_hz: int


def probe(file: AudioFile) -> AudioFacts:
    """Reads the header of `file`; decodes one frame to prove that it is audio, unless plain WAV.

    Args:
        file: A path, or a binary file object at its start (left open, position undefined).

    Returns:
        The facts of the best audio stream. The duration of a compressed file without a length
        in its header (bare AAC, MP3 without a Xing header) is FFmpeg's estimate. Where a header
        gives none, or one that so few bytes can't hold, it is counted by decoding.

    Raises:
        NotAudioError: Not audio, no audio stream, truncated before the first sample, or empty.
        OSError: The file can't be read.
    """
    with _binary(file) as binary:
        return _plain_wave_facts(binary) or _facts_by_ffmpeg(binary)


def _plain_wave_facts(file: BinaryIO) -> AudioFacts | None:
    if not file.seekable():
        return None
    plain = read_plain_wave(file)
    file.seek(0)
    if plain is None or plain.sample_rate_hz not in _RATES_HZ:
        return None
    duration_s = plain.samples / plain.sample_rate_hz
    return AudioFacts(duration_s, plain.channels, plain.sample_rate_hz)


def _facts_by_ffmpeg(file: BinaryIO) -> AudioFacts:
    with _opened(file) as (container, stream):
        frame = next(_frames(container, stream), None)
        if frame is None or not frame.samples:
            raise NotAudioError("there is not one sample of audio in it")
        duration_s = _header_duration_s(container, stream)
        if duration_s is None or 0 < container.size < duration_s * _FEWEST_BYTES_PER_S:
            duration_s = _last_frame_end_s(frame, _frames(container, stream))
        return AudioFacts(duration_s, stream.channels, stream.rate)


def decode(file: AudioFile, rate_hz: int) -> Samples:
    """Decodes the whole of `file`; for long audio see `decode_blocks`.

    Args:
        file: A path, or a binary file object at its start (left open, position undefined).
        rate_hz: The sample rate wanted; audio of another rate is resampled.

    Returns:
        Samples in [-1, 1], of shape (channels, samples).

    Raises:
        NotAudioError: See `decode_blocks`.
        OSError: The file can't be read.
    """
    return np.concatenate(list(decode_blocks(file, rate_hz)), axis=1)


def decode_blocks(file: AudioFile, rate_hz: int) -> Iterator[Samples]:
    """Decodes `file` piece by piece, in constant memory.

    A few damaged packets are skipped, as players do; audio that was cut off ends where it ends.

    Args:
        file: A path, or a binary file object at its start (left open, position undefined).
        rate_hz: The sample rate wanted; audio of another rate is resampled.

    Yields:
        Blocks of samples in [-1, 1], of shape (channels, samples of this block).

    Raises:
        NotAudioError: Not audio, no audio stream, no sample in it, or damaged beyond reading.
        OSError: The file can't be read.
    """
    with _opened(file) as (container, stream):
        # Interleaved: PyAV crashes the process on planar audio of eight channels or more.
        resampler = AudioResampler(format="flt", rate=rate_hz)
        empty = True
        for frame in _resampled(_frames(container, stream), resampler):
            if frame.samples:
                empty = False
                interleaved = frame.to_ndarray().reshape(frame.samples, -1)
                yield np.clip(interleaved.T, -1.0, 1.0, dtype=np.float32)
        if empty:
            raise NotAudioError("there is not one sample of audio in it")


def decode_stretch(file: AudioFile, rate_hz: int, start_s: float, end_s: float) -> Samples:
    """Decodes a stretch of `file`, without decoding what lies before where the format allows.

    In formats without an index (bare AAC or MP3) the stretch may begin a moment off.

    Args:
        file: A path, or a seekable binary file object at its start (left open).
        rate_hz: The sample rate wanted; audio of another rate is resampled.
        start_s: Where it begins, from the start of the recording.
        end_s: Where it ends; a recording that ends before gives less.

    Returns:
        Samples in [-1, 1], of shape (channels, samples).

    Raises:
        NotAudioError: See `decode_blocks`; also where the stretch holds no sample.
        OSError: The file can't be read.
    """
    with _opened(file) as (container, stream):
        container.seek(round(start_s * av.time_base))
        wanted = list(_frames_within(_frames(container, stream), start_s, end_s))
        resampler = AudioResampler(format="flt", rate=rate_hz)
        blocks = [
            frame.to_ndarray().reshape(frame.samples, -1).T
            for frame in _resampled(iter(wanted), resampler)
            if frame.samples
        ]
    if not blocks:
        raise NotAudioError(f"there is no audio from {start_s:g} to {end_s:g} s in it")
    early = round((start_s - (wanted[0].time or 0.0)) * rate_hz)
    within = slice(max(0, early), max(0, early) + round((end_s - start_s) * rate_hz))
    stretch: Samples = np.clip(np.concatenate(blocks, axis=1)[:, within], -1.0, 1.0)
    return stretch


def _frames_within(
    frames: Iterator[AudioFrame], start_s: float, end_s: float
) -> Iterator[AudioFrame]:
    """The frames that hold some of a stretch."""
    for frame in frames:
        begins_s = frame.time
        if begins_s is None or begins_s >= end_s:
            return
        if begins_s + frame.samples / frame.sample_rate > start_s:
            yield frame


@contextmanager
def _opened(file: AudioFile) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Opens the best audio stream of `file` and names what FFmpeg says against it."""
    try:
        with (
            _binary(file) as binary,
            av.open(_Seekable(binary), "r", options=_NO_PROTOCOL, **_ANY_TAGS) as container,
        ):
            stream = container.streams.best("audio")
            if not isinstance(stream, AudioStream):
                raise NotAudioError("there is no audio stream in it")
            yield container, stream
    except FFmpegError as error:
        raise NotAudioError(f"it can't be decoded as audio ({error.strerror})") from error


@contextmanager
def _binary(file: AudioFile) -> Iterator[BinaryIO]:
    """Opens a path ourselves: FFmpeg would take `http:a.wav` or `concat:a` for an address."""
    if isinstance(file, str | PathLike):
        with Path(file).open("rb") as opened:
            yield behind_tags(opened)
    else:
        yield behind_tags(file)


class _Seekable:
    """A file as FFmpeg gets it: a header that points outside of it is no error of the disk's."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.tell = file.read, file.tell
        self._seek = file.seek
        # Some formats are known by their extension alone.
        self.name = getattr(file, "name", "")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Seeks, or answers in FFmpeg's way that there is no such place."""
        try:
            return self._seek(offset, whence)
        except (ValueError, OverflowError):  # of Python objects that stand for files
            return -errno.EINVAL
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            return -errno.EINVAL


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decodes what is left of the stream, past single damaged packets."""
    bad_in_a_row = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except InvalidDataError:
            bad_in_a_row += 1
            if bad_in_a_row == _BAD_PACKETS_IN_A_ROW:
                raise
        else:
            bad_in_a_row = 0
            yield from map(_checked, frames)


def _checked(frame: AudioFrame) -> AudioFrame:
    """Refuses what only a damaged header says."""
    if frame.sample_rate not in _RATES_HZ:
        raise NotAudioError(f"no audio is recorded at {frame.sample_rate:,} Hz, as it says it was")
    return frame


def _resampled(frames: Iterator[AudioFrame], resampler: AudioResampler) -> Iterator[AudioFrame]:
    """Resamples frame by frame and hands out what the resampler still holds at the end."""
    for frame in frames:
        try:
            yield from resampler.resample(frame)
        except ValueError as error:
            raise NotAudioError("its sample rate or its channels change midway") from error
    # With nothing to convert, PyAV hands the None that asks for the rest straight back.
    yield from filter(None, resampler.resample(None))


def _header_duration_s(container: InputContainer, stream: AudioStream) -> float | None:
    """The length the header gives, where it gives one."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _last_frame_end_s(first: AudioFrame, others: Iterator[AudioFrame]) -> float:
    """The length of audio whose header gives none, such as a browser's WebM: by decoding."""
    samples = first.samples + sum(frame.samples for frame in others)
    return samples / first.sample_rate
