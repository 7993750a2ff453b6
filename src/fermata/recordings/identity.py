"""Reads a listed recording once: proves that it is audio, and hashes its content."""

import hashlib
import os
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from fermata.audio import AudioFacts, NotAudioError, probe
from fermata.drivers import is_local, local_path
from fermata.recordings.addresses import described, filesystem_of, is_web, open_content
from fermata.recordings.local import fingerprint_of as local_fingerprint
from fermata.recordings.models import Candidate, Recording, Rejection
from fermata.recordings.remote import fingerprint_of as remote_fingerprint


def identify(candidate: Candidate) -> Recording | Rejection:
    """Reads the header and hashes the content, in constant memory.

    The header comes first, so that what is not audio costs no long read. An http(s) URL is not
    requested: its text stands for its content.

    Returns:
        The recording, or why it can't be used: vanished, unreadable, not audio, or changed
        while it was being read.
    """
    if is_web(candidate.uri):
        return _recording(candidate, _Content(_sha256(candidate.uri), None, None))
    try:
        before = _version(candidate.uri)
        with open_content(candidate.uri) as file:
            content = _read(file)
        if _version(candidate.uri) != before:
            return _rejected(candidate, "changed while being read; the next run will take it")
        return _recording(candidate, content)
    except NotAudioError as error:
        return _rejected(candidate, f"{error}; replace or remove the file")
    except FileNotFoundError:
        return _rejected(candidate, "vanished after it was listed; nothing was sent")
    except Exception as error:  # noqa: BLE001 - each driver of remote storage has its own
        reason = f"can't be read ({_plain(error, candidate.uri)}); check the access to it"
        return _rejected(candidate, reason)


@dataclass(frozen=True, slots=True)
class _Content:
    """What reading brought to light."""

    sha256: str
    size_bytes: int | None
    facts: AudioFacts | None


def _read(file: BinaryIO) -> _Content:
    # Not by its size: a listing may say 0 of what it cannot read.
    if not file.read(1):
        raise NotAudioError("the file is empty (0 bytes)")
    file.seek(0)
    facts = probe(file)
    file.seek(0)
    digest = hashlib.file_digest(cast("Any", file), "sha256")
    return _Content(digest.hexdigest(), file.seek(0, os.SEEK_END), facts)


def _version(uri: str) -> str:
    """What would be different if somebody wrote to the recording."""
    if is_local(uri):
        status = local_path(uri).stat()
        return f"{status.st_ino}-{local_fingerprint(status)}"
    filesystem, path = filesystem_of(uri)
    filesystem.invalidate_cache(path)
    return remote_fingerprint(filesystem.info(path))


def _recording(candidate: Candidate, content: _Content) -> Recording:
    return Recording(
        recording_id=content.sha256,
        uri=candidate.uri,
        name=candidate.name,
        group=candidate.group,
        fingerprint=candidate.fingerprint,
        size_bytes=content.size_bytes,
        duration_s=content.facts.duration_s if content.facts else None,
        channels=content.facts.channels if content.facts else None,
    )


def _rejected(candidate: Candidate, reason: str) -> Rejection:
    return Rejection(candidate.uri, candidate.name, candidate.group, reason)


def _plain(error: Exception, uri: str) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return described(error, uri)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
