"""Small tables read row by row: the same rows as Arrow's datasets give, without loading those."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from table_rows import recording_gaps, recording_row

from fermata.storage import Storage
from fermata.tables import (
    GAPS,
    RECORDINGS,
    STREAMED_WORDS,
    StreamedWord,
    Table,
    TableError,
    gaps_frame,
    read_arrow,
    read_rows,
    recordings_frame,
    streamed_words_frame,
    write_batch,
)
from fermata.tables.compaction import merge, plan_compaction


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


def same(storage: Storage, table: Table) -> list[dict[str, object]]:
    """The rows, which must be those of Arrow, in whatever order."""

    def key(row: dict[str, object]) -> list[str]:
        return [str(row[name]) for name in table.key]

    rows = sorted(read_rows(storage, table), key=key)
    assert rows == sorted(read_arrow(storage, table).to_pylist(), key=key)
    return rows


def test_a_table_that_was_never_written_has_no_rows(storage: Storage) -> None:
    assert same(storage, RECORDINGS) == []


def test_rows_of_all_files_have_their_types_and_times_their_zone(storage: Storage) -> None:
    for name in ("r1", "r2"):
        write_batch(storage, RECORDINGS, name, recordings_frame([recording_row(name)]))
    write_batch(storage, RECORDINGS, "r3", recordings_frame([recording_row("r3", gaps_ms=())]))
    write_batch(storage, GAPS, "r1", gaps_frame([recording_gaps("r1")]))
    rows = same(storage, RECORDINGS)
    assert [row["analysed_at"] for row in rows] == [datetime(2026, 5, 4, 12, tzinfo=UTC)] * 3
    assert rows[2]["average_gap_ms"] is None
    assert len(same(storage, GAPS)) == 3


def test_a_column_that_is_newer_than_a_file_is_null(storage: Storage) -> None:
    old = recordings_frame([recording_row()]).drop_columns(["language"])
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(old, sink)
    storage.write_atomically("recordings/old.parquet", sink.getvalue().to_pybytes())
    (row,) = same(storage, RECORDINGS)
    assert row["language"] is None


def test_what_two_files_hold_while_they_are_merged_counts_once(storage: Storage) -> None:
    word = {
        "channel": 0, "turn_order": 0, "word_index": 0, "text": "so", "start_ms": 0, "end_ms": 1,
        "is_final": True, "confidence": None, "speaker": None, "group": None,
    }  # fmt: skip
    parts = {}
    for number in range(20):
        session = f"s{number:02d}"
        frame = streamed_words_frame([StreamedWord(session=session, **word)])
        path = write_batch(storage, STREAMED_WORDS, session, frame)
        long_ago_s = time.time() - timedelta(days=3).total_seconds()
        os.utime(storage.path(path), (long_ago_s, long_ago_s))
        parts[path] = storage.read(path)
    for each in plan_compaction(storage, STREAMED_WORDS, datetime.now(UTC)):
        merge(storage, each)
    # As where the process was killed before it could delete what had gone into the large file.
    for path, content in parts.items():
        storage.write_atomically(path, content)
    assert len(storage.list(STREAMED_WORDS.name)) == 21
    assert len(same(storage, STREAMED_WORDS)) == 20


def test_a_torn_file_is_told_as_everywhere(storage: Storage) -> None:
    path = write_batch(storage, RECORDINGS, "r1", recordings_frame([recording_row()]))
    storage.write_atomically(path, storage.read(path)[:100])
    with pytest.raises(TableError, match="delete the file it names and run again"):
        read_rows(storage, RECORDINGS)
