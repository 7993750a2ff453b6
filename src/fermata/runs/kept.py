"""The rows of transcripts that are no longer kept: they stay as the tables have them.

A batch is written whole from the archive. Once a transcript was deleted because it need not be
kept any longer, its rows cannot be made again, so they are taken over from the present files.
"""

import logging
from collections.abc import Collection, Iterable

import pyarrow as pa

from fermata.ledger import JobKey
from fermata.storage import Storage
from fermata.tables import RECORDINGS, RecordingStatus, Table, read_footers
from fermata.tables.files import read_batch

_logger = logging.getLogger(__name__)

_KEY = ("recording_id", "options_hash")


def tabled_without_transcript(
    storage: Storage, batch: str, missing: Collection[JobKey]
) -> frozenset[JobKey]:
    """Those of the transcripts missing in the archive whose figures the tables still hold.

    Args:
        storage: the data folder.
        batch: the batch they are in.
        missing: transcripts that the archive does not have.

    Raises:
        TableError: the batch's file cannot be read; it must not be replaced then.
    """
    if not missing:
        return frozenset()
    rows = read_batch(storage, RECORDINGS, batch).select([*_KEY, "status"]).to_pylist()
    tabled = {
        JobKey(row["recording_id"], row["options_hash"])
        for row in rows
        if row["status"] != RecordingStatus.FAILED
    }
    return frozenset(tabled.intersection(missing))


def with_present_rows(
    storage: Storage, table: Table, batch: str, frame: pa.Table, keys: Collection[JobKey]
) -> pa.Table:
    """New rows of a batch, and with them the present ones of some transcripts.

    Args:
        storage: the data folder.
        table: one whose rows name recording and options.
        batch: which batch.
        frame: the new rows, none of them of those transcripts.
        keys: the transcripts whose present rows stay.

    Raises:
        TableError: the batch's file cannot be read.
    """
    if not keys:
        return frame
    path, recordings = (f"{name}/{batch}.parquet" for name in (table.name, RECORDINGS.name))
    if not storage.exists(path):
        _logger.warning(
            "the rows of %d recordings in the table %s are lost: their transcripts are kept no "
            "longer, so they cannot be made again",
            *(len(keys), table.name),
        )
    elif len(set(read_footers(storage, (path, recordings)).values())) > 1:
        _logger.warning(
            "%s is not of the same time as %s: restore it from a newer copy, since the "
            "transcripts of %d of its recordings are kept no longer and their rows stay as they "
            "are",
            *(storage.uri(path), storage.uri(recordings), len(keys)),
        )
    present = read_batch(storage, table, batch)
    mask = [key in keys for key in _keys_of(present)]
    return pa.concat_tables([frame, present.filter(pa.array(mask, pa.bool_()))])


def _keys_of(rows: pa.Table) -> Iterable[JobKey]:
    pairs = zip(*(rows[name].to_pylist() for name in _KEY), strict=True)
    return (JobKey(recording_id, options_hash) for recording_id, options_hash in pairs)
