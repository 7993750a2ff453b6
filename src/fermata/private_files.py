"""Folders and files that nobody but their owner may enter or read, from the moment they are made.

What callers said is in most of them, and by default everybody on the machine might read it.
"""

import os
from io import FileIO
from pathlib import Path

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_OF_OTHERS = 0o077


def keep_new_files_private() -> None:
    """Has all files that this process and its children make from now on be their owner's alone.

    For what libraries write beside our own files: Prefect's folder, its logs, temporary files.
    """
    os.umask(_OF_OTHERS)


def make_private_folder(folder: Path) -> None:
    """Makes a folder and those above it that are missing; one that is there stays as it is.

    Raises:
        OSError: It can't be made, or a file is in its place.
    """
    # Not `parents=True`, by which the mode is that of the last folder alone.
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(_FOLDER_MODE, exist_ok=True)


def open_private(path: Path, mode: str) -> FileIO:
    """Opens a file without a buffer, for its owner alone if it is new.

    Args:
        path: Where it is.
        mode: `xb`, `wb` or `ab`.

    Raises:
        OSError: It can't be opened.
    """
    return FileIO(path, mode, opener=_for_the_owner)


def create_private(path: Path) -> None:
    """Makes an empty file unless there is one, for a library that opens it by its name.

    Raises:
        OSError: It can't be made.
    """
    open_private(path, "ab").close()


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but its owner may do anything with a file or folder that is there."""
    return bool(path.stat().st_mode & _OF_OTHERS)


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE_MODE)
