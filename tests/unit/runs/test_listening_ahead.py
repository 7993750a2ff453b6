"""Word ends are measured while the service works: the run's end reads them back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.archive import TranscriptArchive
from fermata.ledger import Ledger
from fermata.quality import QUALITY, CallFacts, facts_in
from fermata.runs.ahead import ReadAhead
from fermata.runs.listening import likely_sample, listen, listen_ahead
from fermata.runs.readings import TABLES, JobRows
from tests.unit.runs.test_worklist_and_outcome import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Bench(tmp_path, ledger)


def rows_of(bench: Bench) -> JobRows:
    (job,) = bench.ledger.completed()
    return ReadAhead(TranscriptArchive(bench.storage)).rows_of(job)


def facts_of(rows: JobRows) -> tuple[CallFacts, ...]:
    return facts_in(rows.frames[TABLES.index(QUALITY)])


def test_what_was_measured_ahead_is_not_measured_again(bench: Bench) -> None:
    bench.add("a.wav")
    sound = bench.recordings / "a.wav"
    (item,) = bench.worklist().new
    bench.complete(item.key, 300, 700)
    rows = rows_of(bench)
    listen_ahead(rows, bench.storage)
    sound.unlink()
    found = listen(facts_of(rows), bench.storage)
    assert [each.recording_id for each in found.recordings] == [item.key.recording_id]


def test_a_recording_that_is_gone_is_left_to_the_end(bench: Bench) -> None:
    bench.add("a.wav")
    sound = bench.recordings / "a.wav"
    (item,) = bench.worklist().new
    bench.complete(item.key, 300, 700)
    content = sound.read_bytes()
    sound.unlink()
    listen_ahead(rows_of(bench), bench.storage)
    sound.write_bytes(content)
    assert listen(facts_of(rows_of(bench)), bench.storage).recordings


def test_the_calls_heard_ahead_are_those_asked_for_at_the_end(bench: Bench) -> None:
    for number in range(25):
        bench.add(f"{number}.wav")
    keys = {item.key for item in bench.worklist().new}
    assert likely_sample(keys) == set(
        sorted(keys, key=lambda key: (key.recording_id, key.options_hash))[:20]
    )
