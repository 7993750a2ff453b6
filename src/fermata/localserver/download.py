"""Fetches audio from an address, as the service does for an `audio_url` that is no upload."""

import asyncio
import hashlib
import threading
from pathlib import Path

import requests

from fermata.errors import FermataError, UsageError
from fermata.localserver.contents import Content, Contents
from fermata.proxies import open_session

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 15
CHUNK_BYTES = 2**16
LARGEST_BYTES = 5 * 10**9
"""The service's own limit for files by address."""


class DownloadError(FermataError):
    """Nothing could be fetched from an address; the text is the service's own."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"Download error, unable to download {url}. Please make sure the file exists "
            "and is accessible from the internet."
        )


async def download(url: str, contents: Contents) -> Content:
    """Fetches `url` into `contents`, streaming.

    It runs in a daemon thread of its own, for a server that stops must not wait for a peer that
    says nothing, as it would for a thread of an executor.

    Raises:
        DownloadError: The address isn't http(s), or doesn't answer with a file.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Content] = loop.create_future()

    def settle(content: Content | None) -> None:
        if done.cancelled():
            return
        if content is None:
            done.set_exception(DownloadError(url))
        else:
            done.set_result(content)

    def work() -> None:
        content = _fetch(url, contents)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, content)

    threading.Thread(target=work, daemon=True, name="fermata-download").start()
    return await done


def _fetch(url: str, contents: Contents) -> Content | None:
    """The content at `url`, None where there is none to be had."""
    part = contents.new_part()
    try:
        content_id, size_bytes = _stream(url, part)
        return contents.adopt(part, content_id, size_bytes)
    except (requests.RequestException, OSError, ValueError, UsageError):
        part.unlink(missing_ok=True)
        return None


def _stream(url: str, part: Path) -> tuple[str, int]:
    """Writes what `url` answers with to `part`, and returns its hash and size."""
    digest, size_bytes = hashlib.sha256(), 0
    timeouts = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    with (
        open_session(url) as session,
        session.get(url, stream=True, timeout=timeouts) as answer,
        part.open("wb") as file,
    ):
        answer.raise_for_status()
        for chunk in answer.iter_content(CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += file.write(chunk)
            if size_bytes > LARGEST_BYTES:
                raise ValueError(f"more than {LARGEST_BYTES} bytes")
    return digest.hexdigest(), size_bytes
