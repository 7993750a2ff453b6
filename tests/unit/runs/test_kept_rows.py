"""Rows outlive their transcript: a batch that is written again keeps them as they stand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.archive import TranscriptArchive
from fermata.ledger import Ledger
from fermata.runs.tabulate import tabulate
from fermata.storage import Storage
from fermata.tables import GAPS, RECORDINGS, TableError, read_table
from tests.unit.runs.test_worklist_and_outcome import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Bench(tmp_path, ledger)


def tabled(bench: Bench) -> str:
    """Three transcribed recordings in the tables; returns their batch."""
    for name in ("a.wav", "b.wav", "c.wav"):
        bench.add(name)
    for number, item in enumerate(bench.worklist().new):
        bench.complete(item.key, 300 + number, 700, transcript_id=f"t{number}")
    (batch,) = {job.batch for job in bench.ledger.completed()}
    tabulate(batch, bench.storage, bench.ledger)
    return batch


def forget(bench: Bench, name: str) -> None:
    (job,) = [each for each in bench.ledger.completed() if each.name == name]
    archive = TranscriptArchive(bench.storage)
    bench.storage.remove(archive.path(job.key.recording_id, job.key.options_hash))


def files_of(storage: Storage) -> dict[str, bytes]:
    return {
        path: storage.read(path)
        for table in (GAPS, RECORDINGS)
        for path in storage.list(table.name)
    }


def test_rows_without_their_transcript_stay_to_the_byte(bench: Bench) -> None:
    batch = tabled(bench)
    before = files_of(bench.storage)
    forget(bench, "b.wav")
    for _ in range(2):
        tabulate(batch, bench.storage, bench.ledger)
        assert files_of(bench.storage) == before


def test_a_transcript_lost_before_it_was_tabled_is_a_failure(bench: Bench) -> None:
    batch = tabled(bench)
    forget(bench, "b.wav")
    for path in files_of(bench.storage):
        bench.storage.remove(path)
    tabulate(batch, bench.storage, bench.ledger)
    rows = read_table(bench.storage, RECORDINGS).set_index("name")
    assert rows["status"].to_dict() == {
        "a.wav": "analysed",
        "b.wav": "failed",
        "c.wav": "analysed",
    }


def test_a_batch_that_cannot_be_read_is_not_replaced(bench: Bench) -> None:
    batch = tabled(bench)
    forget(bench, "b.wav")
    path = Path(bench.storage.path(f"gaps/{batch}.parquet"))
    path.write_bytes(b"torn")
    with pytest.raises(TableError, match="restore it"):
        tabulate(batch, bench.storage, bench.ledger)
    assert path.read_bytes() == b"torn"
