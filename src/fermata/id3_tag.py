"""Reads audio behind an ID3v2 tag that somebody's tagger wrote in front of it.

FFmpeg skips such a tag before MP3 and its kin, and takes nothing else to come behind one. Some
players write it before WAV, AIFF and Ogg all the same, and read those files.

Source: id3.org, "ID3 tag version 2.4.0 - Main Structure", 3.1 and 3.4.
"""

import io
import os
from typing import BinaryIO, cast

_HEADER_BYTES = 10
_HAS_FOOTER = 0x10
_SEVEN_BITS = 0x7F
_MOST_TAGS = 8
_CONTAINERS = (b"RIFF", b"RF64", b"RIFX", b"FORM", b"OggS")


def behind_tags(file: BinaryIO) -> BinaryIO:
    """The file as it would be without tags before a container that knows none; else as it is.

    Args:
        file: At its start, where it is afterwards as well; one that can't seek stays as it is.

    Raises:
        OSError: The file can't be read.
    """
    if not file.seekable():
        return file
    start = _end_of_tags(file)
    file.seek(start)
    is_container = bool(start) and file.read(4) in _CONTAINERS
    file.seek(0)
    return cast("BinaryIO", io.BufferedReader(_Behind(file, start))) if is_container else file


def _end_of_tags(file: BinaryIO) -> int:
    """Where the last of the tags ends; 0 without any."""
    end = 0
    for _ in range(_MOST_TAGS):
        file.seek(end)
        header = file.read(_HEADER_BYTES)
        size = header[6:]
        if header[:3] != b"ID3" or len(header) < _HEADER_BYTES or max(size) > _SEVEN_BITS:
            break
        # Four times seven bits, so that no byte looks like the beginning of an MP3 frame.
        length = size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]
        footer = _HEADER_BYTES if header[5] & _HAS_FOOTER else 0
        end += _HEADER_BYTES + length + footer
    return end


class _Behind(io.RawIOBase):
    """What lies behind a place in a file, which stays open."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file, self._start = file, start
        # Some formats are known by their extension alone.
        self.name = getattr(file, "name", "")
        file.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any buffer
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        from_start = self._start if whence == os.SEEK_SET else 0
        if whence == os.SEEK_SET and offset < 0:
            raise ValueError(f"negative seek position {offset}")
        return self._file.seek(offset + from_start, whence) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start
