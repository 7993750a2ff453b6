"""Which file counts for a transcript that the files of two batches hold.

A transcript belongs to one batch, so its rows stand in one file of each table. They stand in two
only where recordings were planned anew in another batch, which an earlier Fermata did when the
ledger was lost. The newest row of `recordings` says which batch counts, for all the tables, until
the next run takes the others away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow.fs import FSSpecHandler, LocalFileSystem, PyFileSystem

from fermata.storage import Storage
from fermata.tables.keys import TRANSCRIPT_KEY, rows_of
from fermata.tables.schemas import RECORDINGS, Table

BATCH = "batch"
"""The column that says which batch's file a row was read from."""

if TYPE_CHECKING:
    import pandas as pd

_FILE = "__filename"
_KEY = list(TRANSCRIPT_KEY)


@dataclass(frozen=True, slots=True)
class _Key:
    recording_id: str
    options_hash: str


def arrow_filesystem(storage: Storage) -> LocalFileSystem | PyFileSystem:
    """The data folder's file system as Arrow takes it."""
    if storage.is_local:
        return LocalFileSystem()
    return PyFileSystem(FSSpecHandler(storage.filesystem))


def batch_of(path: str) -> str:
    """The batch that a file of a table holds the rows of."""
    return PurePosixPath(path).stem


def is_of_transcripts(table: Table) -> bool:
    """Whether each row of the table belongs to one transcript."""
    return table.key[: len(TRANSCRIPT_KEY)] == TRANSCRIPT_KEY


def placed_rows(storage: Storage, columns: Sequence[str]) -> pa.Table:
    """The table `recordings` as its files hold it, and the batch of each row.

    Raises:
        OSError: a file is gone, or cannot be read.
        pyarrow.ArrowException: it is no Parquet file.
    """
    places = [storage.path(path) for path in storage.list(RECORDINGS.name, ".parquet")]
    if not places:
        none = RECORDINGS.schema.empty_table().select(list(columns))
        return none.append_column(BATCH, pa.array([], pa.string()))
    dataset = ds.dataset(
        places, RECORDINGS.schema, format="parquet", filesystem=arrow_filesystem(storage)
    )
    found = dataset.to_table(columns=[*columns, _FILE])
    names = pc.dictionary_encode(found[_FILE]).combine_chunks()
    batches = pa.array([batch_of(name) for name in names.dictionary.to_pylist()], pa.string())
    return found.select(list(columns)).append_column(BATCH, batches.take(names.indices))


def batches_with(storage: Storage, table: Table, recording_id: str) -> frozenset[str]:
    """The batches whose files of a table of transcripts hold rows of a recording.

    Raises:
        OSError: a file is gone, or cannot be read.
        pyarrow.ArrowException: it is no Parquet file.
    """
    places = [storage.path(path) for path in storage.list(table.name, ".parquet")]
    if not places:
        return frozenset()
    dataset = ds.dataset(
        places, table.schema, format="parquet", filesystem=arrow_filesystem(storage)
    )
    found = dataset.to_table(columns=[_FILE], filter=pc.field("recording_id") == recording_id)
    return frozenset(batch_of(name) for name in pc.unique(found[_FILE]).to_pylist())


def newest_rows(storage: Storage, columns: Sequence[str]) -> pa.Table:
    """The same, of the rows with one key the newest alone.

    Raises:
        OSError: a file is gone, or cannot be read.
        pyarrow.ArrowException: it is no Parquet file.
    """
    rows = placed_rows(storage, tuple(dict.fromkeys((*columns, *_KEY, "analysed_at"))))
    frame = rows.select([*_KEY, "analysed_at", BATCH]).to_pandas()
    return rows.take(pa.array(_newest_each(frame).index)).select([*columns, BATCH])


def _newest_each(frame: "pd.DataFrame") -> "pd.DataFrame":
    return frame.sort_values(["analysed_at", BATCH]).drop_duplicates(_KEY, keep="last")


def superseded(storage: Storage, paths: Sequence[str]) -> Mapping[str, pc.Expression]:
    """The rows in each file of a table of transcripts that another batch's file counts for.

    Args:
        storage: the data folder.
        paths: the table's files; those that count for all they hold are left out.

    Raises:
        OSError: a file is gone, or cannot be read.
        pyarrow.ArrowException: it is no Parquet file.
    """
    if len({batch_of(path) for path in paths}) < 2:  # noqa: PLR2004 - two files hold the same
        return {}
    frame = placed_rows(storage, (*_KEY, "analysed_at")).to_pandas()
    newest = _newest_each(frame)
    older = frame.merge(newest, "left", [*_KEY, BATCH], indicator=True, suffixes=("", "_newest"))
    older = older[older["_merge"] == "left_only"]
    by_batch = {batch: _rows_in(own) for batch, own in older.groupby(BATCH)}
    # Without its rows of `recordings` a file counts for nothing that another one counts for.
    known = {batch_of(path) for path in storage.list(RECORDINGS.name, ".parquet")}
    strange = [path for path in paths if batch_of(path) not in known]
    every = _rows_in(newest) if strange else None
    counted = {path: by_batch[batch_of(path)] for path in paths if batch_of(path) in by_batch}
    return counted | {path: every for path in strange if every is not None}


def _rows_in(frame: "pd.DataFrame") -> pc.Expression:
    return rows_of(_Key(*key) for key in frame[_KEY].itertuples(index=False, name=None))
