"""Merges the small files of a table into few large ones, with readers and workers at it.

A merged file is written whole first, and only then the files that went into it are deleted, each
if it is still as it was read. So every source is in at least one visible file at each moment,
whoever is killed: nobody deletes a file but a worker that has just put all of it into another.
No lock is needed for that. Two workers at once can at most put a source into two merged files;
readers count it once (`merged`), and the next compaction merges those two.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from fermata.storage import NotStoredError, Storage, StorageError
from fermata.tables.merged import (
    Held,
    counted_elsewhere,
    holdings,
    is_merged,
    without_sources,
    write_merged,
)
from fermata.tables.schemas import Table

logger = logging.getLogger(__name__)

_PART_SETTLED_AFTER = timedelta(days=1)
# A merged file this young is another worker's, who may be deleting what went into it.
_MERGED_SETTLED_AFTER = timedelta(hours=1)
_FEWEST_FILES = 16
_LARGEST_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Version:
    """A file as it was listed.

    Attributes:
        path: below the data folder.
        size_bytes: its size.
        modified_at: when it was written.
    """

    path: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Merging:
    """Files of a table that are to become one."""

    table: Table
    files: tuple[Version, ...]


def plan_compaction(storage: Storage, table: Table, now: datetime) -> tuple[Merging, ...]:
    """Finds what is worth merging: files that hold the same, and small files if there are many.

    Args:
        storage: the data folder.
        table: one whose files are named after the first column of its key.
        now: the time; what was written lately is left alone.

    Raises:
        StorageError: a file cannot be listed or read.
    """
    versions = {path: _version(storage, path) for path in storage.list(table.name, ".parquet")}
    found = {path: version for path, version in versions.items() if version is not None}
    ages = {path: now - version.modified_at for path, version in found.items()}
    merged = {path for path in found if is_merged(table, path)}
    if any(ages[path] < _MERGED_SETTLED_AFTER for path in merged):
        return ()
    settled = {
        path: version
        for path, version in found.items()
        if path in merged or ages[path] > _PART_SETTLED_AFTER
    }
    doubled = _doubled(_holdings(storage, table, settled))
    groups = [[settled[path] for path in sorted(doubled)]] if doubled else []
    small = [
        version
        for path, version in sorted(settled.items())
        if path not in doubled and version.size_bytes < _LARGEST_BYTES // 2
    ]
    if len(small) >= _FEWEST_FILES:
        groups += _in_groups(small)
    return tuple(Merging(table, tuple(group)) for group in groups if len(group) > 1)


def merge(storage: Storage, merging: Merging) -> int:
    """Writes the merged file and deletes what went into it.

    Files that another worker has merged meanwhile, or that cannot be read, are left out.

    Returns:
        How many files were deleted.

    Raises:
        StorageError: a file cannot be read or written.
    """
    table = merging.table
    read = {each.path: rows for each in merging.files if (rows := _rows(storage, table, each.path))}
    held = _holdings(storage, table, read)
    if len(held) < 2:  # noqa: PLR2004 - to merge takes two
        return 0
    elsewhere = counted_elsewhere(held)
    chosen = [
        without_sources(read[each.path], table, elsewhere.get(each.path, frozenset()))
        for each in held
    ]
    sources = frozenset[str]().union(*(each.sources for each in held))
    generation = 1 + max(each.generation for each in held)
    path = write_merged(storage, table, pa.concat_tables(chosen), sources, generation)
    gone = [each for each in merging.files if each.path in read and each.path != path]
    return sum(_remove_if_unchanged(storage, each) for each in gone)


def _doubled(held: Sequence[Held]) -> set[str]:
    """The files that share a source with another."""
    repeated = frozenset[str]().union(*counted_elsewhere(held).values())
    return {each.path for each in held if each.sources & repeated}


def _in_groups(files: Sequence[Version]) -> Iterator[list[Version]]:
    """Neighbours that together stay below the size of a large file."""
    group: list[Version] = []
    for file in files:
        if group and sum(each.size_bytes for each in group) + file.size_bytes > _LARGEST_BYTES:
            yield group
            group = []
        group.append(file)
    yield group


def _holdings(
    storage: Storage, table: Table, paths: "dict[str, pa.Table] | dict[str, Version]"
) -> tuple[Held, ...]:
    try:
        return holdings(storage, table, paths)
    except (OSError, pa.ArrowException) as error:
        raise StorageError(
            f"a file of {storage.uri(table.name)} cannot be read ({error}); nothing was merged"
        ) from error


def _rows(storage: Storage, table: Table, path: str) -> pa.Table | None:
    """The rows of a file; None where it is gone, broken, or of another version."""
    try:
        rows = pq.read_table(BytesIO(storage.read(path)))
    except (StorageError, pa.ArrowException) as error:
        logger.warning("%s is not merged with others: %s", path, error)
        return None
    names = set(rows.schema.names)
    required = {field.name for field in table.schema if not field.nullable}
    if not required <= names <= set(table.schema.names):
        logger.warning("%s is not merged with others: it has columns of another version", path)
        return None
    columns = [
        rows[field.name].cast(field.type)
        if field.name in names
        else pa.nulls(len(rows), field.type)
        for field in table.schema
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _remove_if_unchanged(storage: Storage, file: Version) -> bool:
    if _version(storage, file.path) != file:
        return False
    storage.remove(file.path)
    return True


def _version(storage: Storage, path: str) -> Version | None:
    """The file as it is listed now; None where it is gone."""
    try:
        facts = storage.filesystem.info(storage.path(path))
        return Version(path, int(facts["size"]), storage.modified_at(path))
    except (FileNotFoundError, NotStoredError):
        return None
