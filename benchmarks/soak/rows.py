"""Rows of the tables as they stand in the files: doubled or missing ones show against others."""

from collections import Counter
from io import BytesIO

import pyarrow.parquet as pq

from fermata.runs.readings import TABLES
from fermata.storage import Storage
from fermata.tables import Table

_OF_A_RUN = {"transcript_id", "run_id", "analysed_at"}
"""Columns that differ from run to run."""

Rows = Counter[tuple[object, ...]]


def rows_of(storage: Storage, table: Table) -> Rows:
    """Every row of every file, without what differs from run to run."""
    rows: Rows = Counter()
    for path in storage.list(table.name, ".parquet"):
        found = pq.read_table(BytesIO(storage.read(path)))
        kept = [name for name in found.column_names if name not in _OF_A_RUN]
        rows.update(zip(*(found[name].to_pylist() for name in kept), strict=True))
    return rows


def all_rows(storage: Storage) -> dict[str, Rows]:
    """The rows of every table."""
    return {table.name: rows_of(storage, table) for table in TABLES}


def differences(found: dict[str, Rows], expected: dict[str, Rows]) -> tuple[list[str], list[str]]:
    """Rows that are there too often, and rows that are missing."""
    return _more(found, expected), _more(expected, found)


def _more(one: dict[str, Rows], other: dict[str, Rows]) -> list[str]:
    return [f"{name}: {row}" for name in one for row in (one[name] - other[name]).elements()]
