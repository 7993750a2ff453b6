"""The audio that the server holds, by content: kept once however often it is sent.

A content id is the SHA-256 of the bytes in hex. What is transcribed from an address of somebody
else isn't held before its job begins; there the id is the SHA-256 of the address.
"""

import hashlib
import json
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Content:
    """Some bytes that were received, and where they lie."""

    content_id: str
    size_bytes: int
    path: Path


class Contents:
    """The files of one server, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def receive(self, chunks: AsyncIterable[bytes]) -> Content:
        """Writes chunks to disk as they come, and names them by their hash."""
        part = self.new_part()
        digest = hashlib.sha256()
        size_bytes = 0
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    file.write(chunk)
                    digest.update(chunk)
                    size_bytes += len(chunk)
            return self.adopt(part, digest.hexdigest(), size_bytes)
        finally:
            part.unlink(missing_ok=True)

    def new_part(self) -> Path:
        """A path for a file whose content isn't known yet."""
        return self._folder / f"{uuid4().hex}.part"

    def adopt(self, part: Path, content_id: str, size_bytes: int) -> Content:
        """Takes in a file that is complete."""
        path = self.path(content_id)
        part.replace(path)
        return Content(content_id, size_bytes, path)

    def path(self, content_id: str) -> Path:
        """Where that content lies, if it is held."""
        return self._folder / content_id

    def forget(self, content_id: str) -> None:
        """Removes that content, if it is held."""
        self.path(content_id).unlink(missing_ok=True)


def address_id(url: str) -> str:
    """The content id of what has only an address."""
    return hashlib.sha256(url.encode()).hexdigest()


def mime_type(path: Path) -> str:
    """What a file that isn't audio seems to be, for the error that names it."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    try:
        text = head.decode().strip().lower()
    except UnicodeDecodeError:
        return "application/octet-stream"
    if text.startswith(("<!doctype html", "<html")):
        return "text/html"
    return "application/json" if _is_json(path) else "text/plain"


def _is_json(path: Path) -> bool:
    """Whether a short file holds one JSON value."""
    if path.stat().st_size > HEAD_BYTES:
        return False
    try:
        json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return True
