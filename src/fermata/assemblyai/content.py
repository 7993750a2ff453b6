"""A recording's content on its way to the service: streamed, counted and hashed."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from fermata.assemblyai.errors import ContentChangedError, ContentUnreadableError

_CHUNK_BYTES = 1 << 18


class HashingReader:
    """Reads content for `requests` and makes sure that it is the content meant.

    The last bytes are only handed out once the whole is known to be right, so a changed
    file never reaches the service complete.
    """

    def __init__(self, content: BinaryIO, *, size_bytes: int, sha256: str) -> None:
        """Takes over the reading of `content`.

        Args:
            content: Open at its beginning; whoever opened it closes it.
            size_bytes: How many bytes it must have.
            sha256: The SHA-256 it must have, in hex.
        """
        self._content = content
        self._size_bytes = size_bytes
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._read_bytes = 0

    def __len__(self) -> int:
        """The size, from which `requests` makes `Content-Length`."""
        return self._size_bytes

    def __iter__(self) -> Iterator[bytes]:
        """Iterates over chunks; `requests` streams only what can be iterated over."""
        return iter(lambda: self.read(_CHUNK_BYTES), b"")

    def read(self, size: int = -1) -> bytes:
        """Reads up to `size` bytes.

        Raises:
            ContentUnreadableError: Reading failed.
            ContentChangedError: It turned out shorter, longer or different.
        """
        left = self._size_bytes - self._read_bytes
        if left == 0:
            return b""
        chunk = self._take(left if size < 0 else min(size, left))
        self._read_bytes += len(chunk)
        self._digest.update(chunk)
        if not chunk or (self._read_bytes == self._size_bytes and not self._is_right()):
            raise ContentChangedError(
                "the file has changed since it was listed: run again to take it in as it is now"
            )
        return chunk

    def _is_right(self) -> bool:
        return not self._take(1) and self._digest.hexdigest() == self._sha256

    def _take(self, size: int) -> bytes:
        # Not an OSError: requests would take it for one of the connection and send again.
        try:
            return self._content.read(size)
        except Exception as error:  # drivers of remote storage raise errors of their own
            raise ContentUnreadableError(
                f"the file can't be read any more ({type(error).__name__}): check that it is there"
            ) from error
