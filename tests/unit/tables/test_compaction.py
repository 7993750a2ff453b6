"""Many small files become few, and readers see every row once all the while."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from fermata.storage import Storage
from fermata.tables import (
    STREAMED_WORDS,
    StreamedWord,
    read_arrow,
    streamed_words_frame,
    write_batch,
)
from fermata.tables.compaction import Merging, merge, plan_compaction

LONG_AGO_S = time.time() - timedelta(days=3).total_seconds()
SESSIONS = 20
WORDS = 5


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


def write_session(storage: Storage, session: str, said: str = "so") -> None:
    words = [
        StreamedWord(
            session=session, channel=0, turn_order=0, word_index=index, text=said,
            start_ms=index, end_ms=index + 1, is_final=True, confidence=None, speaker=None,
            group=None,
        )
        for index in range(WORDS)
    ]  # fmt: skip
    write_batch(storage, STREAMED_WORDS, session, streamed_words_frame(words))


def write_sessions(storage: Storage, count: int = SESSIONS) -> None:
    for index in range(count):
        write_session(storage, f"session-{index:03d}")
    age(storage)


def age(storage: Storage) -> None:
    """Makes all files look three days old."""
    for path in storage.list(STREAMED_WORDS.name):
        os.utime(storage.path(path), (LONG_AGO_S, LONG_AGO_S))


def plan(storage: Storage) -> tuple[Merging, ...]:
    return plan_compaction(storage, STREAMED_WORDS, datetime.now(UTC))


def compact(storage: Storage) -> int:
    return sum(merge(storage, each) for each in plan(storage))


def files(storage: Storage) -> tuple[str, ...]:
    return storage.list(STREAMED_WORDS.name)


def rows(storage: Storage) -> pa.Table:
    keys = [(column, "ascending") for column in STREAMED_WORDS.key]
    return read_arrow(storage, STREAMED_WORDS).sort_by(keys)


def test_many_old_files_become_one_with_the_same_rows(storage: Storage) -> None:
    write_sessions(storage)
    before = rows(storage)
    assert compact(storage) == SESSIONS
    (merged,) = files(storage)
    assert merged.startswith("streamed_words/merged/")
    assert rows(storage).equals(before)
    with duckdb.connect() as connection:
        glob = storage.path("streamed_words/**/*.parquet")
        counted = connection.sql(f"SELECT count(*) FROM '{glob}'").fetchall()
    assert counted == [(SESSIONS * WORDS,)]


def test_few_files_and_those_of_today_are_left_alone(storage: Storage) -> None:
    write_sessions(storage, 5)
    assert plan(storage) == ()
    for index in range(SESSIONS):
        write_session(storage, f"today-{index}")
    assert plan(storage) == ()


def test_files_that_a_killed_compaction_left_count_once_and_are_merged_next_time(
    storage: Storage,
) -> None:
    write_sessions(storage)
    kept = {path: Path(storage.path(path)).read_bytes() for path in files(storage)[:3]}
    before = rows(storage)
    compact(storage)
    for path, content in kept.items():
        Path(storage.path(path)).write_bytes(content)
    age(storage)
    assert rows(storage).equals(before)
    compact(storage)
    assert len(files(storage)) == 1
    assert rows(storage).equals(before)


def test_a_session_written_again_counts_before_what_was_merged(storage: Storage) -> None:
    write_sessions(storage)
    compact(storage)
    write_session(storage, "session-001", "corrected")
    assert rows(storage)["text"].to_pylist().count("corrected") == WORDS
    age(storage)
    compact(storage)
    assert len(files(storage)) == 1
    assert rows(storage)["text"].to_pylist().count("corrected") == WORDS
    assert len(rows(storage)) == SESSIONS * WORDS


def test_a_file_written_again_while_it_is_merged_is_not_deleted(storage: Storage) -> None:
    write_sessions(storage)
    (merging,) = plan(storage)
    write_session(storage, "session-001", "corrected")
    assert merge(storage, merging) == SESSIONS - 1
    assert rows(storage)["text"].to_pylist().count("corrected") == WORDS
    assert len(rows(storage)) == SESSIONS * WORDS


def test_what_another_worker_merges_at_the_moment_is_left_to_it(storage: Storage) -> None:
    write_sessions(storage)
    compact(storage)
    for index in range(SESSIONS):
        write_session(storage, f"more-{index}")
        os.utime(storage.path(f"streamed_words/more-{index}.parquet"), (LONG_AGO_S, LONG_AGO_S))
    assert plan(storage) == ()


def test_two_workers_with_different_views_lose_and_double_nothing(storage: Storage) -> None:
    write_sessions(storage)
    before = rows(storage)
    (first,) = plan(storage)
    second = Merging(first.table, first.files[3:])
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda each: merge(storage, each), (first, second)))
    assert rows(storage).equals(before)
    age(storage)
    compact(storage)
    assert len(files(storage)) == 1
    assert rows(storage).equals(before)


def test_a_file_that_cannot_be_read_is_left_where_it_is(storage: Storage) -> None:
    write_sessions(storage)
    Path(storage.path("streamed_words/session-002.parquet")).write_bytes(b"torn")
    age(storage)
    assert compact(storage) == SESSIONS - 1
    assert "streamed_words/session-002.parquet" in files(storage)


def test_readers_see_every_row_once_while_files_are_merged(storage: Storage) -> None:
    write_sessions(storage)
    over = threading.Event()

    def look() -> set[int]:
        seen = {len(rows(storage))}
        while not over.is_set():
            seen.add(len(rows(storage)))
        return seen

    with ThreadPoolExecutor(1) as reader:
        seen = reader.submit(look)
        compact(storage)
        over.set()
        assert seen.result(timeout=200) == {SESSIONS * WORDS}
