"""Writes a live session's audio to a WAV file that is whole at every moment.

Each block is written at its own place in the file, and then the header, in one write, with
the new size: a process killed in between leaves a valid file that ends one block earlier. A
block that never came leaves silence of its length, so a time in the session is the same time
in the file. From 4 GiB on the header turns into RF64 (EBU Tech 3306), for which room is kept
from the start: one file, whatever its length.

The operating system decides when the bytes reach the disk: `fsync` is called once, on closing,
because a slow disk must not hold up a microphone. So nothing is lost when the process dies;
when the machine loses power, the last seconds may be.
"""

import os
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

from fermata.live.frames import Block
from fermata.private_files import open_private

_BYTES_PER_SAMPLE = 2
_PCM = 1
_DS64_BYTES = 28
_FMT_BYTES = 16
_HEADER_BYTES = 80
_RIFF_OVERHEAD_BYTES = _HEADER_BYTES - 8
_LARGEST_RIFF_BYTES = 0xFFFFFFFF - 1
_IN_DS64 = 0xFFFFFFFF


class WavRecorder:
    """Records blocks as 16-bit PCM, channels interleaved. Not thread-safe.

    The file appears under its name with a valid, empty header, never half-made.

    Args:
        path: The file to write; one of that name is replaced.
        sample_rate_hz: Samples per second of each channel.
        channels: How many channels every block has.

    Raises:
        OSError: The file can't be written (here and in `write`).
    """

    def __init__(self, path: Path, sample_rate_hz: int, channels: int) -> None:
        self.path = path
        self._sample_rate_hz = sample_rate_hz
        self._channels = channels
        self._samples = 0
        unfinished = path.with_name(f".{path.name}.new")
        self._file = open_private(unfinished, "wb")
        self._write_at(0, self._header())
        unfinished.replace(path)

    def write(self, block: Block) -> None:
        """Writes a block at its place; what is missing before it becomes silence."""
        interleaved = block.samples.T.astype("<i2", order="C", copy=False)
        place = _HEADER_BYTES + block.start_sample * self._bytes_per_frame
        self._write_at(place, interleaved.tobytes())
        self._samples = block.end_sample
        self._write_at(0, self._header())

    def close(self) -> None:
        """Sends what was written to the disk and closes the file; does nothing the second time."""
        if not self._file.closed:
            with self._file:
                os.fsync(self._file.fileno())

    @property
    def duration_s(self) -> float:
        """How much audio the file holds, in seconds."""
        return self._samples / self._sample_rate_hz

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _bytes_per_frame(self) -> int:
        return self._channels * _BYTES_PER_SAMPLE

    def _write_at(self, place: int, data: bytes) -> None:
        """Writes all of `data`: one system call, but where the disk fills up, fewer bytes."""
        self._file.seek(place)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _header(self) -> bytes:
        """The header for what is in the file now: RIFF, or RF64 where RIFF's 32 bits end."""
        data_bytes = self._samples * self._bytes_per_frame
        riff_bytes = _RIFF_OVERHEAD_BYTES + data_bytes
        if riff_bytes <= _LARGEST_RIFF_BYTES:
            spare = struct.pack("<4sI28x", b"JUNK", _DS64_BYTES)
            return self._chunks(b"RIFF", riff_bytes, spare, data_bytes)
        sizes = struct.pack(
            "<4sIQQQI", b"ds64", _DS64_BYTES, riff_bytes, data_bytes, self._samples, 0
        )
        return self._chunks(b"RF64", _IN_DS64, sizes, _IN_DS64)

    def _chunks(self, form: bytes, riff_bytes: int, second: bytes, data_bytes: int) -> bytes:
        riff = struct.pack("<4sI4s", form, riff_bytes, b"WAVE")
        layout = struct.pack(
            "<4sIHHIIHH",
            b"fmt ",
            _FMT_BYTES,
            _PCM,
            self._channels,
            self._sample_rate_hz,
            self._sample_rate_hz * self._bytes_per_frame,
            self._bytes_per_frame,
            _BYTES_PER_SAMPLE * 8,
        )
        return riff + second + layout + struct.pack("<4sI", b"data", data_bytes)
