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
_NO_FILE = "no file that can be read"
# Reading a footer waits for the disk or the network more than for the processor.
_READERS = 16


def written_with(recordings: pa.Table) -> dict[bytes, bytes]:
    """What the footers of a batch's files say.

    Args:
        recordings: the batch's rows of the table `recordings`, in any order.
    """
    ordered = recordings.sort_by([(name, "ascending") for name in RECORDINGS.key])
    rows = json.dumps(ordered.to_pylist(), default=str, sort_keys=True)
    return {_FIELD: hashlib.sha256(rows.encode()).hexdigest().encode()}


def footers(storage: Storage, paths: Collection[str]) -> Mapping[str, str | None]:
    """What each file was written with; None for one of a Fermata that did not say so.

    A file that is gone, or whose footer cannot be read, was written with no other.
    """
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        found = readers.map(lambda path: _footer(storage, path), paths)
        return dict(zip(paths, found, strict=True))


def _footer(storage: Storage, path: str) -> str | None:
    try:
        with storage.filesystem.open(storage.path(path), "rb") as file:
            fields = pq.read_schema(file).metadata or {}
    except (pa.ArrowException, OSError):
        return f"{_NO_FILE}: {path}"
    told = fields.get(_FIELD)
    return None if told is None else told.decode()
