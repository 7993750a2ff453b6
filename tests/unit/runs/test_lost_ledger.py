"""A ledger that is lost: what the archive and the tables hold is never billed again."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from fermata.archive import TranscriptArchive
from fermata.assemblyai.options import MultichannelMode, options_for
from fermata.errors import UsageError
from fermata.ledger import Job, JobState, Ledger, LedgerDamagedError
from fermata.runs.archived import Selection, archived
from fermata.runs.tabulate import batches_to_tabulate, tabulate
from fermata.tables import GAPS, RECORDINGS, positive_gaps, read_table
from tests.flows.conversations import alternating
from tests.unit.runs.test_worklist_and_outcome import Bench

NAMES = ("ivr/a.wav", "ivr/b.wav", "support/c.wav")
TABLES = ("recordings", "gaps", "ipus", "silences", "turns", "quality")


class Losing(Bench):
    """A bench whose ledger is lost and opened anew.

    Attributes:
        older: the files of the tables, as a test copied them.
    """

    older: Mapping[str, bytes] = MappingProxyType({})

    def opened(self) -> Ledger:
        return Ledger(f"sqlite:///{self.recordings.parent / 'ledger.sqlite'}")

    def lose(self, how: Callable[[Path], object] = Path.unlink) -> None:
        self.ledger.close()
        how(self.recordings.parent / "ledger.sqlite")
        self.ledger = self.opened()

    def transcribe(self, *names: str, run_id: str = "run") -> None:
        for name in names:
            self.add(name)
        for item in self.worklist(run_id).new:
            self.complete(item.key, 300, 700, transcript_id=f"t-{item.name}")
        self.tabulate()

    def tabulate(self) -> None:
        for batch in batches_to_tabulate(self.storage, self.ledger):
            tabulate(batch, self.storage, self.ledger)

    def tabulate_batch(self, batch: str) -> None:
        tabulate(batch, self.storage, self.ledger)

    def batches(self) -> set[str]:
        return {job.batch for job in self.ledger.completed()}

    def arrive(self, job: Job, *gaps_ms: int) -> None:
        """Answers for a job that is polled."""
        transcript = json.dumps({"utterances": alternating(gaps_ms)}).encode()
        TranscriptArchive(self.storage).write(
            job.key.recording_id, job.key.options_hash, transcript
        )
        assert job.transcript_id is not None
        self.ledger.complete(job.key, job.transcript_id, 60.0)

    def figures(self) -> list[tuple[str, str, float]]:
        """What the table of recordings says of each."""
        rows = read_table(self.storage, RECORDINGS, ["name", "status", "average_gap_ms"])
        return sorted(rows.itertuples(index=False, name=None))

    def files(self) -> dict[str, bytes]:
        paths = (path for table in TABLES for path in self.storage.list(table))
        return {path: self.storage.read(path) for path in paths}

    def forget_transcript(self, name: str) -> None:
        (job,) = [each for each in self.ledger.completed() if each.name == name]
        archive = TranscriptArchive(self.storage)
        self.storage.remove(archive.path(job.key.recording_id, job.key.options_hash))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Losing]:
    bench = Losing(tmp_path, Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}"))
    bench.transcribe(*NAMES)
    yield bench
    bench.ledger.close()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("how", [Path.unlink, empty])
def test_nothing_is_sent_again_and_one_line_says_why(
    bench: Losing, how: Callable[[Path], object]
) -> None:
    bench.lose(how)
    worklist = bench.worklist("second")
    assert (worklist.new, worklist.open_jobs) == ((), ())
    (line,) = worklist.recovered
    assert "lost 3 recordings" in line
    assert "nothing is sent" in line
    assert bench.worklist("third").recovered == ()


def tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:8192])


def scramble(path: Path) -> None:
    path.write_bytes(b"this is no database, and longer than a header" * 900)


def have_other_tables(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE jobs (recording_id TEXT)")


@pytest.mark.parametrize("damage", [tear, scramble, have_other_tables])
def test_a_damaged_ledger_says_how_it_is_rebuilt_and_so_it_is(
    bench: Losing, damage: Callable[[Path], object]
) -> None:
    def find_out() -> None:
        bench.lose(damage)
        bench.worklist("second")

    with pytest.raises(LedgerDamagedError, match="move it away") as caught:
        find_out()
    assert isinstance(caught.value, UsageError)
    assert "\n" not in str(caught.value)
    for path in bench.recordings.parent.glob("ledger.sqlite*"):
        path.rename(path.with_name(f"away-{path.name}"))
    bench.ledger = bench.opened()
    assert bench.worklist("third").new == ()


def test_the_jobs_are_as_they_were_and_the_tables_are_the_same_to_the_byte(bench: Losing) -> None:
    before, files = bench.ledger.completed(), bench.files()
    bench.lose()
    bench.worklist("second")
    bench.tabulate()
    assert bench.files() == files
    for batch in {job.batch for job in bench.ledger.completed()}:
        tabulate(batch, bench.storage, bench.ledger)
    assert bench.files() == files
    known = {job.key: job for job in bench.ledger.completed()}
    for job in before:
        assert known[job.key].settled_at == job.settled_at
        assert (known[job.key].name, known[job.key].transcript_id) == (job.name, job.transcript_id)


def test_with_the_tables_lost_too_the_archive_alone_tells(bench: Losing) -> None:
    for path in bench.files():
        bench.storage.remove(path)
    bench.lose()
    assert bench.worklist("second").new == ()
    bench.tabulate()
    rows = read_table(bench.storage, RECORDINGS).set_index("name")
    assert rows["status"].to_dict() == dict.fromkeys(NAMES, "analysed")
    assert set(rows["group"]) == {"ivr", "support"}


def test_recordings_that_are_gone_come_back_for_reprocessing(bench: Losing) -> None:
    shutil.rmtree(bench.recordings)
    bench.lose()
    found = archived(Selection(), bench.ledger, bench.storage)
    assert [job.name for job in found.jobs] == list(NAMES)
    assert "lost 3 recordings" in found.recovered[0]


def test_an_old_backup_gets_what_it_lacks(bench: Losing, tmp_path: Path) -> None:
    bench.add("ivr/planned.wav")
    bench.worklist("second")
    bench.ledger.close()
    backup = (tmp_path / "ledger.sqlite").read_bytes()
    bench.ledger = bench.opened()
    bench.transcribe("ivr/later.wav", run_id="third")
    bench.lose(lambda path: path.write_bytes(backup))
    worklist = bench.worklist("fourth")
    assert worklist.new == ()
    assert "lost 2 recordings" in worklist.recovered[0]
    bench.tabulate()
    assert len(read_table(bench.storage, RECORDINGS)) == 5


def test_a_half_written_archive_sends_only_the_rest(bench: Losing) -> None:
    bench.add("ivr/new.wav")
    bench.lose()
    worklist = bench.worklist("second")
    assert [item.name for item in worklist.new] == ["ivr/new.wav"]
    assert "lost 3 recordings" in worklist.recovered[0]


def test_a_transcript_kept_no_longer_is_not_sent_again_either(bench: Losing) -> None:
    bench.forget_transcript("ivr/b.wav")
    files = bench.files()
    bench.lose()
    assert bench.worklist("second").new == ()
    for batch in {job.batch for job in bench.ledger.completed()}:
        tabulate(batch, bench.storage, bench.ledger)
    assert bench.files() == files


def test_what_the_service_had_refused_is_asked_for_by_its_id(bench: Losing) -> None:
    bench.add("bad.wav")
    (item,) = bench.worklist("second").new
    bench.submit(item.key, "t-bad")
    bench.ledger.fail(item.key, "t-bad", "no audio in it", permanent=True)
    bench.tabulate()
    bench.lose()
    worklist = bench.worklist("third")
    assert worklist.new == ()
    assert [job.transcript_id for job in worklist.open_jobs] == ["t-bad"]


def test_a_damaged_transcript_is_not_sent_again(bench: Losing) -> None:
    (path, *_) = bench.storage.list("transcripts")
    bench.storage.write_atomically(path, b"torn")
    for table in bench.files():
        bench.storage.remove(table)
    bench.lose()
    assert bench.worklist("second").new == ()
    bench.tabulate()
    rows = read_table(bench.storage, RECORDINGS)
    assert sorted(rows["status"]) == ["analysed", "analysed", "failed"]


def doubled(bench: Losing) -> None:
    """The state that an earlier Fermata left behind: each recording in two batches."""
    for table in TABLES:
        for path in bench.storage.list(table):
            double = path.replace("run-", "other-")
            bench.storage.write_atomically(double, bench.storage.read(path))


def test_rows_in_two_files_count_once_for_every_reader(bench: Losing) -> None:
    keys = [item.key for item in bench.worklist("second").items]
    once = {table: len(read_table(bench.storage, table)) for table in (RECORDINGS, GAPS)}
    pooled = positive_gaps(bench.storage, keys)
    doubled(bench)
    assert {table: len(read_table(bench.storage, table)) for table in once} == once
    again = positive_gaps(bench.storage, keys)
    assert sorted(again["gap_ms"]) == sorted(pooled["gap_ms"])


def test_the_next_run_takes_doubled_rows_away(bench: Losing) -> None:
    files = bench.files()
    doubled(bench)
    bench.worklist("second")
    bench.tabulate()
    left = {path: raw for path, raw in bench.files().items() if "other-" not in path}
    assert left == files
    raw = [pd.read_parquet(bench.storage.path(path)) for path in bench.storage.list("gaps")]
    assert len(pd.concat(raw)) == 6


def test_two_that_restore_at_once_leave_each_job_once(bench: Losing) -> None:
    bench.lose()
    with bench.opened() as other:
        first, second = bench.ledger.lost.places(), other.lost.places()
        assert first == second == {}
        bench.worklist("second")
        archived(Selection(), other, bench.storage)
        assert len(other.completed()) == len(NAMES)
        assert all(job.state is JobState.COMPLETED for job in other.completed())


def test_the_engine_is_known_by_the_options_that_the_transcript_was_asked_for_with(
    bench: Losing,
) -> None:
    options = options_for(
        1, MultichannelMode.AUTO, engine="local", speech_models=("m",), language_detection=False
    )
    said = options.request_body("https://example.com/audio")
    archive = TranscriptArchive(bench.storage)
    archive.write("of-the-local-engine", options.options_hash, json.dumps(said).encode())
    archive.write("of-another", "0123456789ab", json.dumps(said).encode())
    found = archived(Selection(), bench.ledger, bench.storage).jobs
    engines = {job.key.recording_id: job.engine for job in found}
    assert engines["of-the-local-engine"] == "local"
    assert engines["of-another"] == "assemblyai"


@pytest.mark.parametrize("table", TABLES)
def test_a_view_that_is_deleted_is_made_anew_in_the_next_run(bench: Losing, table: str) -> None:
    before = bench.files()
    for path in bench.storage.list(table):
        bench.storage.remove(path)
    assert bench.worklist("second").recovered == ()
    bench.tabulate()
    assert bench.files() == before


def test_a_view_that_is_older_than_its_batch_is_made_anew(bench: Losing) -> None:
    old = {path: bench.storage.read(path) for path in bench.storage.list("recordings")}
    bench.add("ivr/late.wav")
    batch = next(iter(bench.ledger.completed())).batch
    (late,) = bench.worklist("run").new
    bench.complete(late.key, 400, transcript_id="late")
    bench.tabulate()
    assert bench.ledger.job(late.key).batch == batch
    before = bench.files()
    for path, raw in old.items():
        bench.storage.write_atomically(path, raw)
    bench.worklist("third")
    bench.tabulate()
    assert bench.files() == before


def test_a_lost_transcript_without_figures_is_asked_for_by_its_id(bench: Losing) -> None:
    (path,) = bench.storage.list("recordings")
    bench.storage.remove(path)
    bench.forget_transcript("ivr/b.wav")
    worklist = bench.worklist("second")
    assert worklist.new == ()
    assert [job.transcript_id for job in worklist.open_jobs] == ["t-ivr/b.wav"]
    assert "asked for again" in worklist.recovered[0]
