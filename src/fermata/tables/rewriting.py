"""Takes out of the growing tables what must not be kept, from small files and merged ones alike.

A merged file is never changed: one that lacks what is to go is written first, and takes precedence
by its generation; only then the old one is deleted. So rows that stay are in a visible file at each
moment, and after a kill the next call goes on with what is left.
"""

from collections.abc import Callable, Collection
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from fermata.storage import NotStoredError, Storage, StorageError
from fermata.tables.merged import Held, holdings, without_sources, write_merged
from fermata.tables.schemas import Table


def drop_sources(storage: Storage, table: Table, sources: Collection[str]) -> int:
    """Deletes all rows of some sessions or runs.

    Args:
        storage: the data folder.
        table: one whose files are named after the first column of its key.
        sources: the sessions or runs.

    Returns:
        How many of them had rows, or a file.

    Raises:
        StorageError: a file could not be read, written or deleted.
    """
    unwanted = frozenset(sources)
    dropped: set[str] = set()
    for file in _held(storage, table):
        if going := file.sources & unwanted:
            dropped |= going
            _drop(storage, table, file, going)
    return len(dropped)


def change_rows(
    storage: Storage, table: Table, change: Callable[[pa.Table], pa.Table | None]
) -> int:
    """Replaces the rows of files that hold what must change.

    Args:
        storage: the data folder.
        table: one whose files are named after the first column of its key.
        change: makes the new rows of a file; None where they may stay as they are.

    Returns:
        How many files were changed.

    Raises:
        StorageError: a file could not be read, written or deleted.
    """
    changed = 0
    for file in _held(storage, table):
        if (rows := _rows(storage, file)) is None or (wanted := change(rows)) is None:
            continue
        changed += 1
        if file.generation:
            _replace_merged(storage, table, file, wanted, file.sources)
        else:
            storage.write_atomically(file.path, _packed(wanted))
    return changed


def sources_in(storage: Storage, table: Table) -> frozenset[str]:
    """The sessions or runs that a table has a file of, or rows.

    Raises:
        StorageError: a file could not be read.
    """
    return frozenset[str]().union(*(each.sources for each in _held(storage, table)))


def _held(storage: Storage, table: Table) -> tuple[Held, ...]:
    try:
        return holdings(storage, table, storage.list(table.name, ".parquet"))
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(storage, table.name, error) from error


def _rows(storage: Storage, file: Held) -> pa.Table | None:
    """The rows of a file as they are, whatever version wrote it; None where it is gone."""
    try:
        return pq.ParquetFile(BytesIO(storage.read(file.path))).read()
    except NotStoredError:
        # Merged with others meanwhile, or deleted as this would do.
        return None
    except pa.ArrowException as error:
        raise _unreadable(storage, file.path, error) from error


def _drop(storage: Storage, table: Table, file: Held, going: frozenset[str]) -> None:
    if going == file.sources:
        storage.remove(file.path)
    elif (rows := _rows(storage, file)) is not None:
        left = without_sources(rows, table, going)
        _replace_merged(storage, table, file, left, file.sources - going)


def _replace_merged(
    storage: Storage, table: Table, file: Held, rows: pa.Table, sources: frozenset[str]
) -> None:
    path = write_merged(storage, table, rows, sources, file.generation + 1)
    if path != file.path:
        storage.remove(file.path)


def _packed(rows: pa.Table) -> bytes:
    packed = BytesIO()
    pq.write_table(rows, packed, compression="zstd")
    return packed.getvalue()


def _unreadable(storage: Storage, path: str, error: Exception) -> StorageError:
    return StorageError(
        f"a file of {storage.uri(path)} cannot be read ({str(error).splitlines()[0]}): "
        "restore it from a copy, or delete it, which loses its own rows alone"
    )
