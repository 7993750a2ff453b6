"""Parquet files under the data folder: one per batch, replaced whole, read as one table.

A table is a view of the ledger and the archive, laid out in batches: sets of rows that are
fixed when the work is planned. The file of a batch holds its rows and nothing else, so
writing it again, after a crash or in a second run, leaves the same rows and none twice.
"""

import errno
import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from fermata.errors import FermataError
from fermata.storage import Storage
from fermata.tables.merged import counted_elsewhere, holdings, is_merged
from fermata.tables.placed import (
    arrow_filesystem,
    is_of_transcripts,
    newest_rows,
    placed_rows,
    superseded,
)
from fermata.tables.schemas import RECORDINGS, Table

if TYPE_CHECKING:
    import pandas as pd

Filters: TypeAlias = Any
"""As `pandas.read_parquet` takes them: `[("group", "==", "ivr")]`, or an Arrow expression."""

_BATCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Rows are sorted by recording, so small row groups let a reader skip the others.
_ROWS_PER_GROUP = 16_384
_READINGS = 5


class TableError(FermataError):
    """Rows that a table cannot take, or a file of it that cannot be read."""


def write_batch(
    storage: Storage,
    table: Table,
    batch: str,
    frame: "pa.Table | pd.DataFrame",
    footer: Mapping[bytes, bytes] | None = None,
) -> str:
    """Writes the rows of a batch, in place of those it had.

    Args:
        storage: the data folder.
        table: which table.
        batch: the file's name without `.parquet`: letters, digits, `.`, `_`, `-`.
        frame: all rows of the batch, in any order; none at all is fine.
        footer: what the file is to say of itself beside its rows.

    Returns:
        The file's path below the data folder.

    Raises:
        TableError: two rows have the same key, or a value does not fit its column.
        StorageError: the file could not be written; the rows there before still are.
    """
    if not _BATCH_NAME.fullmatch(batch):
        raise ValueError(f"not a batch name: {batch!r}")
    rows = _fitted(table, frame).replace_schema_metadata(footer)
    packed = BytesIO()
    pq.write_table(rows, packed, compression="zstd", row_group_size=_ROWS_PER_GROUP)
    path = f"{table.name}/{batch}.parquet"
    storage.write_atomically(path, packed.getvalue())
    return path


def _fitted(table: Table, frame: "pa.Table | pd.DataFrame") -> pa.Table:
    rows = _typed(table, frame).sort_by([(column, "ascending") for column in table.key])
    if _has_doubled_keys(rows, table.key):
        keys = ", ".join(table.key)
        raise TableError(f"rows for {table.name} share one ({keys}); nothing was written")
    return rows


def _typed(table: Table, frame: "pa.Table | pd.DataFrame") -> pa.Table:
    try:
        if not isinstance(frame, pa.Table):
            frame = pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False)
        # Cast to the bare schema: pandas' metadata holds its version and would change the file.
        return frame.select(table.schema.names).cast(table.schema)
    except (pa.ArrowException, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(
            f"rows for {table.name} do not fit it, nothing was written: {reason}"
        ) from None


def _has_doubled_keys(rows: pa.Table, key: Sequence[str]) -> bool:
    if rows.num_rows < 2:  # noqa: PLR2004 - a pair takes two
        return False
    same = [pc.equal(rows[name][1:], rows[name][:-1]) for name in key]
    doubled = same[0]
    for each in same[1:]:
        doubled = pc.and_(doubled, each)
    return bool(pc.any(doubled).as_py())


def read_arrow(
    storage: Storage,
    table: Table,
    columns: Sequence[str] | None = None,
    filters: Filters | None = None,
) -> pa.Table:
    """Reads a table whole, from all its files, as Arrow.

    Args:
        storage: the data folder.
        table: which table; one that was never written is empty.
        columns: only these, in this order.
        filters: only rows for which this holds; others are not even decoded where the
            files' statistics rule them out.

    Raises:
        TableError: a file of the table cannot be read.
        StorageError: the folder cannot be listed.
    """
    wanted = list(columns) if columns is not None else table.schema.names
    condition = None if filters is None else pq.filters_to_expression(filters)
    return _whole(storage, table, lambda: _rows(storage, table, wanted, condition))


def read_placed(storage: Storage, columns: Sequence[str]) -> pa.Table:
    """Reads the table `recordings` as its files hold it, a key twice where two files have it.

    The arguments and errors are those of `read_newest`.
    """
    return _whole(storage, RECORDINGS, lambda: placed_rows(storage, columns))


def read_newest(storage: Storage, columns: Sequence[str]) -> pa.Table:
    """Reads the newest row of each key in the table `recordings`, and which batch has it.

    Args:
        storage: the data folder.
        columns: these, in this order, and after them `batch`.

    Raises:
        TableError: a file of the table cannot be read.
        StorageError: the folder cannot be listed.
    """
    return _whole(storage, RECORDINGS, lambda: newest_rows(storage, columns))


def _whole(storage: Storage, table: Table, read: Callable[[], pa.Table]) -> pa.Table:
    try:
        return _undisturbed(read)
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            f"the table {storage.uri(table.name)} cannot be read "
            f"({str(error).splitlines()[0]}); {_what_to_do(table)}"
        ) from None


def _what_to_do(table: Table) -> str:
    if is_of_transcripts(table):
        return "delete the file it names and run again, which writes it anew from the archive"
    return "restore the file it names from a copy, or delete it, which loses its own rows alone"


def _undisturbed(read: Callable[[], pa.Table]) -> pa.Table:
    """What is read; again from the start where another worker got in between.

    A compaction may delete a file that was listed; its rows stand in another one. A file that
    was replaced after it was opened is read to its end on a disk, and refused by S3.
    """
    for _ in range(_READINGS - 1):
        try:
            return read()
        except OSError as error:
            if not isinstance(error, FileNotFoundError) and error.errno != errno.EBUSY:
                raise
    return read()


def _rows(
    storage: Storage, table: Table, columns: Sequence[str], condition: pc.Expression | None
) -> pa.Table:
    """The rows of all files as they are listed now, those that two files hold once."""
    paths = storage.list(table.name, ".parquet")
    elsewhere = _counted_elsewhere(storage, table, paths)
    filesystem = arrow_filesystem(storage)

    def read(chosen: Sequence[str], holds: pc.Expression | None) -> pa.Table:
        places = [storage.path(path) for path in chosen]
        dataset = ds.dataset(places, table.schema, format="parquet", filesystem=filesystem)
        return dataset.to_table(columns=list(columns), filter=holds)

    parts = [table.schema.empty_table().select(columns)]
    if whole := [path for path in paths if path not in elsewhere]:
        parts.append(read(whole, condition))
    for path, others in elsewhere.items():
        parts.append(read([path], ~others if condition is None else ~others & condition))
    return pa.concat_tables(parts)


def _counted_elsewhere(
    storage: Storage, table: Table, paths: Sequence[str]
) -> Mapping[str, pc.Expression]:
    """The rows in each file that another file counts for; files without any are left out."""
    if is_of_transcripts(table):
        return superseded(storage, paths)
    if not any(is_merged(table, path) for path in paths):
        return {}
    sources = counted_elsewhere(holdings(storage, table, paths))
    column = pc.field(table.key[0])
    return {path: column.isin(sorted(each)) for path, each in sources.items()}


def read_batch(storage: Storage, table: Table, batch: str) -> pa.Table:
    """Reads the rows of one batch; none where it was never written.

    Raises:
        TableError: its file cannot be read.
        StorageError: it cannot be looked up.
    """
    path = f"{table.name}/{batch}.parquet"
    if not storage.exists(path):
        return table.schema.empty_table()
    filesystem = arrow_filesystem(storage)

    def rows() -> pa.Table:
        places = [storage.path(path)]
        dataset = ds.dataset(places, table.schema, format="parquet", filesystem=filesystem)
        return dataset.to_table()

    try:
        return _undisturbed(rows)
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            f"{storage.uri(path)} cannot be read ({str(error).splitlines()[0]}); "
            "restore it, or delete it so that it is written anew from the archive"
        ) from None


def read_table(
    storage: Storage,
    table: Table,
    columns: Sequence[str] | None = None,
    filters: Filters | None = None,
) -> "pd.DataFrame":
    """Reads a table whole, from all its files, as a DataFrame.

    Whole numbers stay whole: columns of them are `Int64`, with `pandas.NA` for null. The
    arguments and errors are those of `read_arrow`.
    """
    rows = read_arrow(storage, table, columns, filters)
    # Half of what importing this module would take; most readers need Arrow alone.
    import pandas as pd  # noqa: PLC0415

    frame: pd.DataFrame = rows.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame
