"""Files that hold many sessions or runs at once, and who counts where two files hold the same.

Tables with one file per session or run grow by small files, which `compaction` merges. What such
a file holds is called a source here: what the first column of the table's key names, and the
small file is named after.

```
<table>/<source>.parquet           a part: one source, written by a session or a run
<table>/merged/<digest>.parquet    merged: many sources, named in its footer, never changed
```

A source may for moments be in two files, and after a kill until the next compaction. The part
counts before a merged file, since only a session or run itself writes one; of two merged files
the later generation does.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fermata.storage import Storage
from fermata.tables.schemas import Table

_MERGED_FOLDER = "merged"
_SUFFIX = ".parquet"
_SOURCES_FIELD = b"fermata.sources"
_GENERATION_FIELD = b"fermata.generation"
_DIGEST_LENGTH = 32
_ROWS_PER_GROUP = 16_384


@dataclass(frozen=True, slots=True)
class Held:
    """What a file of a table holds.

    Attributes:
        path: below the data folder.
        sources: the sessions or runs in it.
        generation: how many mergings are behind it; 0 for a part.
    """

    path: str
    sources: frozenset[str]
    generation: int

    @property
    def precedence(self) -> tuple[bool, int, str]:
        """Lowest first: the file that counts for a source that several hold."""
        return self.generation > 0, -self.generation, self.path


def is_merged(table: Table, path: str) -> bool:
    """Whether a file of the table is a merged one, by its place."""
    return path.startswith(f"{table.name}/{_MERGED_FOLDER}/")


def write_merged(
    storage: Storage, table: Table, rows: pa.Table, sources: Iterable[str], generation: int
) -> str:
    """Writes a merged file under a name that follows from its content; returns its path.

    Args:
        storage: the data folder.
        table: which table.
        rows: of its schema, in any order.
        sources: the sessions or runs in it, named in the footer.
        generation: how many mergings are behind it.

    Raises:
        StorageError: it could not be written.
    """
    ordered = rows.sort_by([(column, "ascending") for column in table.key])
    fields = {_SOURCES_FIELD: json.dumps(sorted(sources)), _GENERATION_FIELD: str(generation)}
    packed = BytesIO()
    pq.write_table(
        ordered.replace_schema_metadata(fields),
        packed,
        compression="zstd",
        row_group_size=_ROWS_PER_GROUP,
    )
    data = packed.getvalue()
    digest = hashlib.sha256(data).hexdigest()[:_DIGEST_LENGTH]
    path = f"{table.name}/{_MERGED_FOLDER}/{digest}{_SUFFIX}"
    storage.write_atomically(path, data)
    return path


def without_sources(rows: pa.Table, table: Table, sources: Collection[str]) -> pa.Table:
    """The rows of other sessions or runs than these."""
    if not sources:
        return rows
    return rows.filter(pc.invert(pc.is_in(rows[table.key[0]], pa.array(sorted(sources)))))


def holdings(storage: Storage, table: Table, paths: Iterable[str]) -> tuple[Held, ...]:
    """What each file of a table holds; of a merged one the footer is read.

    Raises:
        OSError: a file is gone, or cannot be read.
        pyarrow.ArrowException: it is no Parquet file.
    """
    return tuple(
        _merged(storage, path)
        if is_merged(table, path)
        else Held(path, frozenset({PurePosixPath(path).stem}), 0)
        for path in paths
    )


def counted_elsewhere(held: Iterable[Held]) -> Mapping[str, frozenset[str]]:
    """The sources in each file that another file counts for; files without any are left out."""
    taken: set[str] = set()
    elsewhere: dict[str, frozenset[str]] = {}
    for file in sorted(held, key=lambda each: each.precedence):
        if repeated := file.sources & taken:
            elsewhere[file.path] = frozenset(repeated)
        taken |= file.sources
    return elsewhere


def _merged(storage: Storage, path: str) -> Held:
    with storage.filesystem.open(storage.path(path), "rb") as file:
        fields = pq.read_schema(file).metadata or {}
    sources = json.loads(fields.get(_SOURCES_FIELD, b"[]"))
    return Held(path, frozenset(sources), int(fields.get(_GENERATION_FIELD, b"1")))
