"""A recording that is forgotten is gone from every place, stays gone, and is not sent again."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import create_engine, text

from fermata.archive import TranscriptArchive
from fermata.errors import FermataError, UsageError
from fermata.forgetting import AtService, Forgotten, Left, Places, find_calls, finish, forget
from fermata.ledger import JobKey, Ledger
from fermata.runs.recovery import restore_all
from fermata.runs.tabulate import batches_to_tabulate, tabulate
from fermata.storage import Storage
from fermata.tables import RECORDINGS, read_table, write_batch
from fermata.tables.nights import NIGHTS
from tests.unit.forgetting.searching import places_with
from tests.unit.runs.test_worklist_and_outcome import Bench

NAME = "support/secret-caller.wav"
SAID = "marmalade"
ID = f"id-{len(NAME)}"


class Service:
    """A service that deletes what it is told to, or is away."""

    def __init__(self) -> None:
        self.deleted: list[AtService] = []
        self.is_away = False

    def delete(self, kept: AtService) -> None:
        if self.is_away:
            raise FermataError("the service is away")
        self.deleted.append(kept)


class Forgetful(Bench):
    """Two recordings, transcribed and in the tables, one of which is to be forgotten."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        super().__init__(folder, ledger)
        self.service = Service()
        self.records: list[Left] = []
        self.add(NAME)
        self.add("other.wav")
        for item in self.worklist("first").new:
            self.complete(item.key, 300, 700, transcript_id=f"id-{len(item.name)}")
            if item.name == NAME:
                self.key = item.key
        self.speak(self.key)
        for batch in batches_to_tabulate(self.storage, self.ledger):
            tabulate(batch, self.storage, self.ledger)
        self.other_rows = self.rows("other.wav")

    def speak(self, key: JobKey) -> None:
        archive = TranscriptArchive(self.storage)
        told = archive.read(key.recording_id, key.options_hash) | {"id": ID, "text": SAID}
        archive.write(key.recording_id, key.options_hash, json.dumps(told).encode())

    @property
    def places(self) -> Places:
        return Places(self.storage, self.ledger, self.service.delete, self.forget_records)

    def forget_records(self, left: Left) -> int:
        self.records.append(left)
        return len(left.traces) > 0

    def forget(self, called: str = NAME) -> Forgotten:
        return forget(find_calls(called, self.storage, self.ledger), self.places)

    def rows(self, name: str) -> list[dict[str, object]]:
        table = read_table(self.storage, RECORDINGS)
        return table[table["name"] == name].to_dict("records")

    def found(self) -> set[str]:
        """The files of the data folder and the ledger that still speak of the call."""
        needles = (NAME, SAID, self.key.recording_id, ID)
        return places_with(self.recordings.parent, needles) - {f"recordings/{NAME}"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Forgetful]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Forgetful(tmp_path, ledger)


def tombstone(bench: Forgetful) -> str:
    return f"data/forgotten/{bench.key.recording_id}.json"


def test_the_tombstone_alone_is_left(bench: Forgetful) -> None:
    night = dict.fromkeys(NIGHTS.schema.names)
    counted = [{"recording_id": bench.key.recording_id, "options_hash": bench.key.options_hash}]
    required = {each.name: 1 for each in NIGHTS.schema if not each.nullable}
    night |= required | {"run_id": "n", "group": "*", "night": date(2026, 1, 1), "recognisers": []}
    rows = pa.Table.from_pylist([night | {"counted": counted}], schema=NIGHTS.schema)
    write_batch(bench.storage, NIGHTS, "n", rows)
    bench.storage.write_atomically("reports/quoting.html", f"<td>{NAME}</td>{SAID}".encode())
    bench.storage.write_atomically("reports/of-another.html", b"<td>other.wav</td>")
    assert len(bench.found()) > 5, "the search finds what there is before"
    assert bench.forget().problems == ()
    assert bench.found() == {tombstone(bench), "ledger.sqlite"}
    assert bench.storage.exists("reports/of-another.html")


def test_the_ledger_keeps_the_id_alone(bench: Forgetful) -> None:
    bench.forget()
    assert bench.ledger.forgotten.ids() == {bench.key.recording_id}
    bench.ledger.close()
    with create_engine(f"sqlite:///{bench.recordings.parent / 'ledger.sqlite'}").connect() as open_:
        columns = set(open_.execute(text("SELECT * FROM forgotten")).keys())
        assert columns == {"recording_id", "forgotten_at"}
        assert open_.scalar(text("SELECT count(*) FROM jobs")) == 1


def test_the_rows_of_others_stay_as_they_were(bench: Forgetful) -> None:
    bench.forget()
    assert bench.rows("other.wav") == bench.other_rows
    assert bench.rows(NAME) == []
    assert batches_to_tabulate(bench.storage, bench.ledger) == ()


def test_it_is_told_what_was_removed_and_the_service_is_asked(bench: Forgetful) -> None:
    forgotten = bench.forget()
    assert forgotten.removed["archived transcripts"] == 1
    assert forgotten.removed["transcripts at their service"] == 1
    (kept,) = bench.service.deleted
    assert (kept.id, kept.service) == (ID, "https://example.com")
    assert NAME in bench.records[0].traces


def test_it_is_not_sent_again(bench: Forgetful) -> None:
    bench.forget()
    worklist = bench.worklist("later")
    assert [item.name for item in worklist.items] == ["other.wav"]
    assert (worklist.new, worklist.forgotten) == ((), 1)
    assert "1 forgotten and left out" in worklist.summary
    assert bench.worklist("other-models", models=("universal-3",)).forgotten == 1
    assert bench.found() == {tombstone(bench), "ledger.sqlite"}


@pytest.mark.parametrize("lost", ["ledger", "tombstones"])
def test_whichever_place_is_lost_it_is_not_sent_again(
    bench: Forgetful, tmp_path: Path, lost: str
) -> None:
    bench.forget()
    if lost == "tombstones":
        bench.storage.remove(tombstone(bench).removeprefix("data/"))
    name = "new" if lost == "ledger" else "ledger"
    with Ledger(f"sqlite:///{tmp_path / name}.sqlite") as ledger:
        bench.ledger = ledger
        restore_all(bench.storage, ledger)
        assert bench.worklist("later").forgotten == 1
        assert ledger.forgotten.ids() == {bench.key.recording_id}
        assert bench.storage.list("forgotten") == (tombstone(bench).removeprefix("data/"),)


def test_a_service_that_is_away_is_asked_again_and_the_rest_is_gone(bench: Forgetful) -> None:
    bench.service.is_away = True
    assert bench.forget().problems == ("the service is away",)
    assert NAME not in bench.storage.read(tombstone(bench).removeprefix("data/")).decode()
    assert finish(bench.places).problems == ("the service is away",)
    bench.service.is_away = False
    assert finish(bench.places).removed == {"transcripts at their service": 1}
    assert finish(bench.places) == Forgotten({}, ())
    assert bench.found() == {tombstone(bench), "ledger.sqlite"}


def test_what_a_run_archives_after_it_was_forgotten_goes_with_the_next_tidying(
    bench: Forgetful,
) -> None:
    bench.forget()
    archive = TranscriptArchive(bench.storage)
    archive.write(bench.key.recording_id, bench.key.options_hash, b'{"text": "marmalade"}')
    assert finish(bench.places).removed == {"archived transcripts": 1}
    assert bench.found() == {tombstone(bench), "ledger.sqlite"}


def test_one_that_a_run_is_sending_now_is_left_to_it(bench: Forgetful) -> None:
    bench.add("third.wav")
    (item,) = bench.worklist("second").new
    claim = bench.ledger.claim(item.key)
    assert claim is not None
    with claim, pytest.raises(UsageError, match="being sent by a run"):
        bench.forget("third.wav")
    assert bench.forget("third.wav").problems == ()
    assert bench.worklist("third").new == ()


@pytest.mark.parametrize(
    "called", ["name", "path", "uri", "id", "beginning of the id", "transcript"]
)
def test_a_recording_is_known_by(bench: Forgetful, called: str) -> None:
    path = bench.recordings / NAME
    names = {
        "name": NAME,
        "path": str(path.parent / ".." / NAME),
        "uri": str(path.resolve()),
        "id": bench.key.recording_id,
        "beginning of the id": bench.key.recording_id[:8],
        "transcript": ID,
    }
    (call,) = find_calls(names[called], bench.storage, bench.ledger)
    assert call.key == bench.key.recording_id


def test_a_path_is_known_where_the_file_is_gone(bench: Forgetful) -> None:
    path = bench.recordings / NAME
    path.unlink()
    (call,) = find_calls(str(path), bench.storage, bench.ledger)
    assert call.key == bench.key.recording_id


def test_once_forgotten_it_is_known_by_path_and_id(bench: Forgetful) -> None:
    bench.forget()
    for called in (str(bench.recordings / NAME), bench.key.recording_id):
        (call,) = find_calls(called, bench.storage, bench.ledger)
        assert call.left is None
        assert call.forgotten_at <= datetime.now(UTC)
    assert bench.forget(bench.key.recording_id) == Forgotten({}, ())


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("support", "is a group of 1 recordings"),
        ("unheard-of.wav", "no call is known as unheard-of.wav"),
        ("zz", "no call is known"),
    ],
)
def test_what_means_no_call_is_refused(bench: Forgetful, called: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        bench.forget(called)


def test_a_folder_is_no_call(bench: Forgetful) -> None:
    with pytest.raises(UsageError, match="2 recordings; name one of them"):
        bench.forget(str(bench.recordings))


def test_a_name_that_means_several_is_refused_and_they_are_named(tmp_path: Path) -> None:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        for team in ("a", "b"):
            one = Bench(tmp_path / team, ledger)
            one.storage = Storage(str(tmp_path / "data"))
            one.add("call.wav")
            with (one.recordings / "call.wav").open("ab") as file:
                file.write(team.encode())
            one.worklist(team)
        with pytest.raises(UsageError, match="may mean 2 calls"):
            find_calls("call.wav", Storage(str(tmp_path / "data")), ledger)
