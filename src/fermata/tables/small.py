"""Small tables row by row, for a command that has one to show.

Arrow's datasets, by which tables are read otherwise, import pandas as they are loaded; that is
a fifth of a second in which nothing is shown.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fermata.errors import FermataError
from fermata.storage import Storage
from fermata.tables.merged import counted_elsewhere, holdings, is_merged
from fermata.tables.schemas import Table

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_rows(storage: Storage, table: Table) -> list[dict[str, Any]]:
    """Reads a table whole; the rows are those of `read_arrow`, file by file.

    Raises:
        TableError: a file of the table cannot be read.
        StorageError: the folder cannot be listed.
    """
    paths = storage.list(table.name, ".parquet")
    try:
        elsewhere = (
            counted_elsewhere(holdings(storage, table, paths))
            if any(is_merged(table, path) for path in paths)
            else {}
        )
        return [
            row
            for path in paths
            for row in _rows_of(storage.read(path), table)
            if row[table.key[0]] not in elsewhere.get(path, ())
        ]
    except (pa.ArrowException, OSError, FermataError):
        # Replaced or merged meanwhile, or damaged: that is settled, and told, in one place.
        from fermata.tables.files import read_arrow  # noqa: PLC0415

        rows: list[dict[str, Any]] = read_arrow(storage, table).to_pylist()
        return rows


def _rows_of(content: bytes, table: Table) -> list[dict[str, Any]]:
    """A file's rows with all columns of the table, also those that are newer than the file."""
    rows = pq.ParquetFile(pa.BufferReader(content)).read()
    columns = {
        name: _values(rows[name]) if name in rows.schema.names else [None] * rows.num_rows
        for name in table.schema.names
    }
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _values(column: pa.ChunkedArray) -> list[Any]:
    # Asked for a time with its zone, Arrow imports pandas to see how new it is.
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    since_epoch_us = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist()
    return [None if us is None else _EPOCH + timedelta(microseconds=us) for us in since_epoch_us]
