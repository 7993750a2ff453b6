"""What an error advises mends: each fault, what its text says to do, and all is well again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from fermata.archive import TranscriptArchive
from fermata.assemblyai.client import AssemblyAIClient
from fermata.calibration import MAIN
from fermata.calibration.presets import load_presets
from fermata.calibration.publications import read_publications
from fermata.errors import FermataError, UsageError
from fermata.ledger import Ledger
from fermata.punctuation.kept import PUNCTUATION_PATH, read_punctuation
from fermata.runs.coverage import VIEWS, warn_of_other_gaps
from fermata.runs.outcome import recording_results
from fermata.runs.prices import load_prices
from fermata.runs.tabulate import batches_to_tabulate
from fermata.storage import Storage
from fermata.tables import (
    CALIBRATIONS,
    GAPS,
    RECORDINGS,
    Table,
    TableError,
    positive_gaps,
    read_arrow,
    write_batch,
)
from fermata.upkeep.tidying import OtherServiceError, deleting_with
from tests.unit.runs.test_lost_ledger import Losing

CONFIG = Path(__file__).parents[3] / "config"
NAMES = ("a.wav", "b.wav")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Losing]:
    bench = Losing(tmp_path, Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}"))
    bench.transcribe(*NAMES)
    yield bench
    bench.ledger.close()


def next_run(bench: Losing) -> dict[str, str | None]:
    """What a run over the recordings says of each; a job that is asked for again is answered."""
    worklist = bench.worklist("next")
    assert worklist.new == ()
    for job in worklist.open_jobs:
        bench.arrive(job, 300, 700)
    bench.tabulate()
    results = recording_results(bench.worklist("next"), {}, bench.storage)
    return {each.name: each.reason for each in results}


def damage(bench: Losing, path: str) -> bytes:
    """Tears a file of the data folder; returns what it was."""
    whole = bench.storage.read(path)
    bench.storage.write_atomically(path, whole[: len(whole) // 2])
    return whole


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_torn_file_of_a_view_that_is_deleted_is_written_anew(bench: Losing, view: Table) -> None:
    before = bench.files()
    (path,) = bench.storage.list(view.name)
    damage(bench, path)
    with pytest.raises(TableError, match="delete the file it names and run again") as said:
        read_arrow(bench.storage, view)
    assert bench.storage.path(path) in str(said.value)
    bench.storage.remove(path)
    assert next_run(bench) == dict.fromkeys(NAMES)
    assert bench.files() == before


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Losing]:
    """A batch of two recordings, written when one of them was settled, and again when both."""
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        bench = Losing(tmp_path, ledger)
        for name in NAMES:
            bench.add(name)
        first, second = bench.worklist().new
        bench.complete(first.key, 300, 700, transcript_id="t-first")
        bench.tabulate()
        bench.older = bench.files()
        bench.complete(second.key, 400, 900, transcript_id="t-second")
        bench.tabulate()
        yield bench


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_an_older_copy_of_a_view_is_noticed_and_written_anew(growing: Losing, view: Table) -> None:
    before = growing.files()
    (path,) = growing.storage.list(view.name)
    assert growing.older[path] != before[path]
    growing.storage.write_atomically(path, growing.older[path])
    assert next_run(growing) == dict.fromkeys(NAMES)
    assert growing.files() == before


@pytest.mark.parametrize("view", VIEWS[1:], ids=lambda view: view.name)
def test_a_torn_view_is_written_anew_where_its_transcripts_are_kept(
    bench: Losing, view: Table
) -> None:
    before = bench.files()
    (path,) = bench.storage.list(view.name)
    damage(bench, path)
    assert next_run(bench) == dict.fromkeys(NAMES)
    assert bench.files() == before


def test_an_older_copy_without_transcripts_is_told_to_be_restored_from_a_newer_one(
    growing: Losing, caplog: pytest.LogCaptureFixture
) -> None:
    before = growing.files()
    for path in growing.storage.list("transcripts"):
        growing.storage.remove(path)
    (path,) = growing.storage.list(GAPS.name)
    growing.storage.write_atomically(path, growing.older[path])
    growing.tabulate()
    (line,) = [each for each in caplog.messages if "restore it from a newer copy" in each]
    assert growing.storage.uri(path) in line
    growing.storage.write_atomically(path, before[path])
    growing.tabulate()
    assert growing.files() == before


def test_nothing_is_written_anew_where_all_files_are_of_one_time(growing: Losing) -> None:
    assert batches_to_tabulate(growing.storage, growing.ledger) == ()
    # Nor where an earlier Fermata wrote them, which did not say in them what belongs together.
    for view in VIEWS:
        for batch in growing.batches():
            write_batch(growing.storage, view, batch, read_arrow(growing.storage, view))
    assert batches_to_tabulate(growing.storage, growing.ledger) == ()


@pytest.mark.parametrize(
    ("name", "load"), [("presets.toml", load_presets), ("prices.toml", load_prices)]
)
@pytest.mark.parametrize("damaged", [b"", b"[torn", b"\xff\xfe", b"unheard_of = 1\n"], ids=repr)
def test_a_damaged_file_of_the_configuration_that_is_restored_is_read(
    tmp_path: Path, name: str, load: Callable[[str], object], damaged: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(damaged)
    with pytest.raises(UsageError, match="mend or restore it") as said:
        load(str(path))
    assert str(path) in str(said.value)
    assert "\n" not in str(said.value)
    path.write_bytes((CONFIG / name).read_bytes())
    assert load(str(path)) == load(str(CONFIG / name))


def test_a_torn_file_of_a_run_that_is_restored_or_deleted_is_read_past(bench: Losing) -> None:
    path = f"{CALIBRATIONS.name}/run.parquet"
    bench.storage.write_atomically(path, b"PAR1 and then nothing")
    with pytest.raises(TableError, match="restore the file it names") as said:
        read_arrow(bench.storage, CALIBRATIONS)
    assert bench.storage.path(path) in str(said.value)
    bench.storage.remove(path)
    assert read_arrow(bench.storage, CALIBRATIONS).num_rows == 0


def restore(bench: Losing, path: str, whole: bytes) -> None:
    bench.storage.write_atomically(path, whole)


def delete(bench: Losing, path: str, _: bytes) -> None:
    bench.storage.remove(path)


@pytest.mark.parametrize("do", [restore, delete])
def test_a_damaged_transcript_that_is_restored_or_deleted_is_there_again(
    bench: Losing, do: Callable[[Losing, str, bytes], None]
) -> None:
    before = bench.figures()
    (path, _) = bench.storage.list("transcripts")
    whole = damage(bench, path)
    for batch in bench.batches():
        bench.tabulate_batch(batch)
    reasons = [reason for reason in next_run(bench).values() if reason]
    assert len(reasons) == 1
    assert "restore the file, or delete it" in reasons[0]
    do(bench, path, whole)
    assert next_run(bench) == dict.fromkeys(NAMES)
    assert bench.figures() == before


def test_a_transcript_that_is_gone_says_how_it_returns(bench: Losing) -> None:
    before = bench.figures()
    (path, _) = bench.storage.list("transcripts")
    bench.storage.remove(path)
    (view,) = bench.storage.list("recordings")
    bench.storage.remove(view)
    # As `reprocess` does, which asks no service.
    bench.tabulate()
    rows = read_arrow(bench.storage, RECORDINGS, ("reason",)).to_pylist()
    assert [row for row in rows if row["reason"] and "asks for it again by its id" in row["reason"]]
    assert next_run(bench) == dict.fromkeys(NAMES)
    assert bench.figures() == before


def test_what_can_never_be_read_does_not_keep_a_run_busy(bench: Losing) -> None:
    (path, _) = bench.storage.list("transcripts")
    archive = TranscriptArchive(bench.storage)
    key = Path(path).name.split(".")[:2]
    archive.write(*key, b'{"utterances": [{"start": "soon"}]}')
    for batch in bench.batches():
        bench.tabulate_batch(batch)
    first = next_run(bench)
    assert sum(reason is not None for reason in first.values()) == 1
    bench.worklist("another")
    assert bench.ledger.untabled() == ()
    # Nor once it is kept no longer, for it would say the same.
    bench.storage.remove(path)
    assert bench.worklist("later").open_jobs == ()


@pytest.mark.parametrize(
    ("path", "read", "advice"),
    [
        (PUNCTUATION_PATH, read_punctuation, "delete it and measure again"),
        (
            f"{MAIN.publications_folder}/one.json",
            lambda storage: read_publications(storage, MAIN),
            "or delete it",
        ),
    ],
    ids=["punctuation", "publications"],
)
def test_a_damaged_record_that_is_deleted_is_read_past(
    bench: Losing, path: str, read: Callable[[Storage], object], advice: str
) -> None:
    before = read(bench.storage)
    bench.storage.write_atomically(path, b'{"torn": ')
    with pytest.raises(FermataError, match=advice) as said:
        read(bench.storage)
    assert bench.storage.path(path) in str(said.value)
    bench.storage.remove(path)
    assert read(bench.storage) == before


def test_after_a_rebuilding_a_deletion_at_the_service_is_left_to_a_person(bench: Losing) -> None:
    bench.lose()
    bench.worklist("second")
    client = AssemblyAIClient("http://127.0.0.1:9", "opens-nothing")
    for job in bench.ledger.completed():
        with pytest.raises(OtherServiceError, match="delete it there by hand") as said:
            deleting_with(client)(job)
        named = str(said.value).split(", then ")[1].split(" in ")[0]
        bench.storage.remove(f"transcripts/{named}")
    assert bench.storage.list("transcripts") == ()
    assert bench.worklist("third").new == ()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_that_another_program_has_cut_is_written_anew(bench: Losing, view: Table) -> None:
    before = bench.files()
    (path,) = bench.storage.list(view.name)
    # As pyarrow writes a part of what it read: with the file's own footer.
    rows = pq.read_table(bench.storage.path(path))
    pq.write_table(rows.slice(1), bench.storage.path(path))
    assert next_run(bench) == dict.fromkeys(NAMES)
    assert bench.files() == before


def test_gaps_that_are_not_those_of_the_recordings_are_told_and_written_anew(
    bench: Losing, caplog: pytest.LogCaptureFixture
) -> None:
    before = bench.files()
    (path,) = bench.storage.list("gaps")
    (batch,) = bench.batches()
    rows = read_arrow(bench.storage, GAPS)
    write_batch(bench.storage, GAPS, batch, rows.slice(0, 2))

    def check() -> list[str]:
        worklist = bench.worklist("next")
        results = recording_results(worklist, {}, bench.storage)
        caplog.clear()
        warn_of_other_gaps(results, positive_gaps(bench.storage, (e.key for e in worklist.items)))
        return caplog.messages

    (line,) = check()
    assert line.startswith("1 recordings have other gaps")
    assert "run `fermata reprocess`" in line
    bench.tabulate_batch(batch)
    assert check() == []
    assert bench.files()[path] == before[path]
