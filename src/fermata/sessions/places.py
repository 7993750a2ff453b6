"""Where a session's files are: in the data folder, or on their way there.

Lines are appended and audio is overwritten while a session runs, which only a disk can do. So
where the data folder is elsewhere (`s3://…`), the files of a running session are in a spool
folder on this machine, and are uploaded at its end.
"""

import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

from fermata.drivers import put_options
from fermata.errors import UsageError
from fermata.private_files import is_open_to_others, make_private_folder
from fermata.storage import NotStoredError, Storage, StorageError

FOLDER = "sessions"
STATE_FILE = "session.json"
LINES_FILE = "turns.jsonl"
AUDIO_FILE = "audio.wav"
TRANSCRIPT_FILE = "transcript.json"

HEARTBEAT_S = 5.0
"""How often a running session touches its `session.json`."""

DEAD_AFTER_S = 60.0
"""A session that says it is running and was not touched for as long has lost its process."""

_SPOOL = "fermata-sessions"
_HASH_LENGTH = 12
# What is said in a session is nobody else's business, and the temporary folder is everybody's.
_OWNER_ONLY = 0o700


def working_storage(storage: Storage, spool: Path | None) -> Storage:
    """Where files are written while a session runs: the data folder, or a spool folder for it.

    Args:
        storage: The data folder.
        spool: The folder of all spool folders; by default in the system's temporary folder.

    Raises:
        UsageError: The spool folder is another user's.
    """
    if storage.is_local:
        return storage
    # Each data folder has a spool of its own, so that no recovery uploads into another.
    name = hashlib.sha256(storage.uri("").encode()).hexdigest()[:_HASH_LENGTH]
    folder = spool or _default_spool()
    _refuse_another_users(folder)
    return Storage(str(folder / name))


def _refuse_another_users(spool: Path) -> None:
    """Anybody may have made a folder of that name where temporary files are."""
    try:
        found = spool.lstat()
    except FileNotFoundError:
        return
    is_ours = os.name != "posix" or found.st_uid == os.getuid()
    if not (stat.S_ISDIR(found.st_mode) and is_ours):
        raise UsageError(
            f"{spool}, where live sessions are written, is another user's or no folder: remove it, "
            "or set TMPDIR to a folder of your own"
        )
    if is_open_to_others(spool):
        spool.chmod(_OWNER_ONLY)


def _default_spool() -> Path:
    owner = f"-{os.getuid()}" if os.name == "posix" else ""
    return Path(tempfile.gettempdir()) / f"{_SPOOL}{owner}"


def session_file(session: str, name: str) -> str:
    """A file of a session, below the data folder."""
    return f"{FOLDER}/{session}/{name}"


def local_path(working: Storage, session: str, name: str = "") -> Path:
    """Where a session's file, or its folder, is on this machine's disk."""
    return Path(working.path(session_file(session, name)))


def create_folder(working: Storage, session: str) -> None:
    """Makes the session's folder, for this user only.

    Raises:
        FileExistsError: There is one.
        StorageError: It could not be made.
    """
    folder = local_path(working, session)
    try:
        make_private_folder(folder.parent)
        folder.mkdir(_OWNER_ONLY)
    except FileExistsError:
        raise
    except OSError as error:
        raise StorageError(
            f"{folder} could not be made ({error.strerror}); "
            "check the folder's permissions and free space"
        ) from error


def write_state(working: Storage, session: str, state: dict[str, Any]) -> None:
    """Writes `session.json`, whole or not at all."""
    data = json.dumps(state, ensure_ascii=False, allow_nan=False, indent=2).encode()
    working.write_atomically(session_file(session, STATE_FILE), data)


def read_state(working: Storage, session: str) -> dict[str, Any] | None:
    """Reads `session.json`; None where there is none that can be read."""
    try:
        state = json.loads(working.read(session_file(session, STATE_FILE)))
    except (NotStoredError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def touch(working: Storage, session: str) -> None:
    """Says that the session's process is alive."""
    os.utime(local_path(working, session, STATE_FILE))


def last_alive_s(working: Storage, session: str) -> float:
    """When the session's process was last seen alive, in seconds since 1970."""
    return local_path(working, session, STATE_FILE).stat().st_mtime


def is_dead(working: Storage, session: str) -> bool:
    """Whether the session's process has not been seen for `DEAD_AFTER_S`."""
    return time.time() - last_alive_s(working, session) > DEAD_AFTER_S


def deliver(working: Storage, storage: Storage, session: str) -> None:
    """Brings the session's files from the spool into the data folder, if they are not there.

    Raises:
        StorageError: A file could not be brought; all are still in the spool.
    """
    if working is storage:
        return
    for relative in working.list(f"{FOLDER}/{session}"):
        _upload(working, storage, relative)
    shutil.rmtree(local_path(working, session), ignore_errors=True)


def _upload(working: Storage, storage: Storage, relative: str) -> None:
    source = working.path(relative)
    try:
        # As a file, not as bytes: a recording may be larger than the memory.
        filesystem = storage.filesystem
        bounded = put_options(filesystem, Path(source).stat().st_size)
        filesystem.put_file(source, storage.path(relative), **bounded)
    except Exception as error:
        reason = str(error).replace("\n", " ") or type(error).__name__
        raise StorageError(
            f"{source} could not be brought to {storage.uri(relative)} ({reason}); "
            "it is kept, and the next recovery of sessions brings it there"
        ) from error
