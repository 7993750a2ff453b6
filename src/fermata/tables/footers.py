"""Which files of a batch were written together, by what their footers say.

A batch has one file in each table of transcripts. A file that is restored from a copy may be
older than the others: it holds other recordings, or what their transcripts said once. So each
names in its footer the rows of `recordings` that it was written with.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq

from fermata.storage import Storage
from fermata.tables.schemas import RECORDINGS

_FIELD = b"fermata.recordings_sha256"
_ROWS_FIELD = b"fermata.rows"
_NO_FILE = "no file that can be read"
# Reading a footer waits for the disk or the network more than for the processor.
_READERS = 16


def written_with(recordings: pa.Table) -> str:
    """What the files of a batch are told apart by: a digest of its rows of `recordings`.

    Args:
        recordings: those rows, in any order.
    """
    ordered = recordings.sort_by([(name, "ascending") for name in RECORDINGS.key])
    rows = json.dumps(ordered.to_pylist(), default=str, sort_keys=True)
    return hashlib.sha256(rows.encode()).hexdigest()


def footer_of(digest: str, rows: pa.Table) -> dict[bytes, bytes]:
    """What the footer of a batch's file says.

    Args:
        digest: of the batch, as `written_with` makes it.
        rows: what the file holds; how many there are tells of a file that another program cut.
    """
    return {_FIELD: digest.encode(), _ROWS_FIELD: str(rows.num_rows).encode()}


def read_footers(storage: Storage, paths: Collection[str]) -> Mapping[str, str | None]:
    """What each file was written with; None for one of a Fermata that did not say so.

    A file that is gone, cannot be read or has lost rows was written with no other.
    """
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        found = readers.map(lambda path: _footer(storage, path), paths)
        return dict(zip(paths, found, strict=True))


def _footer(storage: Storage, path: str) -> str | None:
    try:
        with storage.filesystem.open(storage.path(path), "rb") as file:
            footer = pq.read_metadata(file)
    except (pa.ArrowException, OSError):
        return f"{_NO_FILE}: {path}"
    fields = footer.metadata or {}
    told = fields.get(_FIELD)
    if told is not None and fields.get(_ROWS_FIELD) != str(footer.num_rows).encode():
        return f"{_NO_FILE}: {path}"
    return None if told is None else told.decode()
