"""Reads the header of a plain WAV file, which takes FFmpeg a hundred times as long.

Only what most recorders write is read here: linear PCM whose sizes fit together and fit into the
file. Of anything else nothing is said, and whoever asked has FFmpeg look at it.

Source: Microsoft's "Multiple Channel Audio Data and WAVE Files" and RFC 2361.
"""

import os
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

_PCM = 0x0001
_EXTENSIBLE = 0xFFFE
_PCM_SUBFORMAT = bytes.fromhex("0100000000001000800000aa00389b71")
_SAMPLE_BITS = (8, 16, 24, 32)
_MOST_CHANNELS = 8
_MOST_CHUNKS = 64
_FORMAT_BYTES = (16, 18, 40)
_EXTENSION_BYTES = 22
_FEWEST_BYTES = 4096
"""Whether so little sound can be decoded at all is for FFmpeg to say."""


@dataclass(frozen=True, slots=True)
class PlainWave:
    """What the header of a plain WAV file says.

    Attributes:
        channels: How many there are.
        sample_rate_hz: How many samples a second each of them has.
        samples: How many each of them has in all.
    """

    channels: int
    sample_rate_hz: int
    samples: int


def read_plain_wave(file: BinaryIO) -> PlainWave | None:
    """Reads the header of a plain WAV file; None for anything else, or anything odd.

    Args:
        file: A seekable file at its start; its position is undefined afterwards.

    Raises:
        OSError: The file can't be read.
    """
    kind, riff_bytes, form = _unpacked("<4sI4s", file.read(12)) or (b"", 0, b"")
    if (kind, form) != (b"RIFF", b"WAVE"):
        return None
    layout: tuple[int, int, int] | None = None
    position, end = 12, file.seek(0, os.SEEK_END)
    if riff_bytes + 8 > end:
        return None
    for _ in range(_MOST_CHUNKS):
        file.seek(position)
        name, size = _unpacked("<4sI", file.read(8)) or (b"", 0)
        if name == b"fmt " and layout is None and size in _FORMAT_BYTES:
            layout = _layout(file.read(size))
        elif name == b"data":
            return _measured(layout, size) if position + 8 + size <= end else None
        if layout is None and name in (b"fmt ", b""):
            return None
        # A chunk of an odd size is followed by one byte that belongs to nothing.
        position += 8 + size + size % 2
    return None


def _layout(content: bytes) -> tuple[int, int, int] | None:
    """Channels, sample rate and bytes of a sample of all channels; None unless linear PCM."""
    head = _unpacked("<HHIIHH", content[:16])
    if head is None:
        return None
    tag, channels, rate_hz, bytes_per_s, block_bytes, bits = head
    plain = tag == _PCM or (tag == _EXTENSIBLE and _is_plain_extension(content, bits))
    fits = block_bytes == channels * bits // 8 and bytes_per_s == rate_hz * block_bytes
    known = bits in _SAMPLE_BITS and 1 <= channels <= _MOST_CHANNELS
    return (channels, rate_hz, block_bytes) if plain and fits and known else None


def _is_plain_extension(content: bytes, bits: int) -> bool:
    extension = _unpacked("<HHI16s", content[16:])
    if extension is None:
        return False
    size, valid_bits, _speakers, subformat = extension
    return (size, valid_bits, subformat) == (_EXTENSION_BYTES, bits, _PCM_SUBFORMAT)


def _measured(layout: tuple[int, int, int] | None, size: int) -> PlainWave | None:
    if layout is None:
        return None
    channels, rate_hz, block_bytes = layout
    whole = size >= _FEWEST_BYTES and size % block_bytes == 0
    return PlainWave(channels, rate_hz, size // block_bytes) if whole else None


def _unpacked(form: str, content: bytes) -> tuple[Any, ...] | None:
    if len(content) != struct.calcsize(form):
        return None
    return struct.unpack(form, content)
