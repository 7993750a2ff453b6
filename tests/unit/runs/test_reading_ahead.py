"""Transcripts are read while others are at the service: the tables are the same, to the byte."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.archive import TranscriptArchive
from fermata.ledger import Job, Ledger
from fermata.runs.ahead import ReadAhead
from fermata.runs.tabulate import tabulate
from fermata.storage import Storage
from tests.unit.runs.test_worklist_and_outcome import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        found = Bench(tmp_path, ledger)
        for name in ("a.wav", "b.wav", "c.wav"):
            found.add(name)
        yield found


def settled(bench: Bench) -> tuple[Job, ...]:
    for number, item in enumerate(bench.worklist().new):
        bench.complete(item.key, 300 + number, 700, transcript_id=f"t{number}")
    return bench.ledger.completed()


def files_of(storage: Storage) -> dict[str, bytes]:
    return {path: storage.read(path) for path in storage.list("") if path.endswith(".parquet")}


def forget_transcript(bench: Bench, job: Job) -> None:
    path = TranscriptArchive(bench.storage).path(job.key.recording_id, job.key.options_hash)
    bench.storage.remove(path)


@pytest.mark.parametrize("most_bytes", [2**20, 1])
def test_rows_read_ahead_make_the_same_files(bench: Bench, most_bytes: int) -> None:
    jobs = settled(bench)
    tabulate(jobs[0].batch, bench.storage, bench.ledger)
    before = files_of(bench.storage)
    ahead = ReadAhead(TranscriptArchive(bench.storage), most_bytes)
    for job in jobs:
        ahead.read(job)
    tabulate(jobs[0].batch, bench.storage, bench.ledger, ahead)
    assert before
    assert files_of(bench.storage) == before


def test_what_was_read_ahead_is_not_read_again_until_its_batch_is_written(bench: Bench) -> None:
    first, *others = settled(bench)
    ahead = ReadAhead(TranscriptArchive(bench.storage))
    ahead.read(first)
    forget_transcript(bench, first)
    assert ahead.rows_of(first).has_transcript
    ahead.forget([first, *others])
    assert not ahead.rows_of(first).has_transcript


def test_no_more_is_kept_than_there_is_room_for(bench: Bench) -> None:
    first, second, *_ = settled(bench)
    ahead = ReadAhead(TranscriptArchive(bench.storage), most_bytes=1)
    for job in (first, second):
        ahead.read(job)
        forget_transcript(bench, job)
    assert ahead.rows_of(first).has_transcript
    assert not ahead.rows_of(second).has_transcript


def test_a_transcript_that_is_missing_now_is_looked_for_again(bench: Bench) -> None:
    job, *_ = settled(bench)
    archive = TranscriptArchive(bench.storage)
    raw = archive.raw(job.key.recording_id, job.key.options_hash)
    forget_transcript(bench, job)
    ahead = ReadAhead(archive)
    ahead.read(job)
    archive.write(job.key.recording_id, job.key.options_hash, raw)
    assert ahead.rows_of(job).has_transcript
