"""A live session that is forgotten is gone from its folder, the tables and Gladia."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fermata.errors import UsageError
from fermata.forgetting import Forgotten, Left, Places, find_calls, finish, forget
from fermata.forgetting.calls import alike
from fermata.ledger import Ledger
from fermata.sessions.places import session_file, write_state
from fermata.storage import Storage
from tests.unit.forgetting.searching import places_with
from tests.unit.forgetting.test_forgetting_recordings import NAME, Forgetful, Service, tombstone
from tests.unit.upkeep.heard import write_heard

BEGAN = datetime(2026, 11, 21, 3, tzinfo=UTC)
MINE = "20261121T031053Z-3f9a1c"
OTHER = "20261121T041053Z-aaaaaa"
SAID = "marmalade"


class Desk:
    """Two sessions of a data folder."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder, self.ledger = folder, ledger
        self.storage = Storage(str(folder / "data"))
        self.service = Service()
        self.add(MINE, SAID)
        self.add(OTHER, "jam")

    def add(self, name: str, said: str, **state: object) -> None:
        told = {"session": name, "state": "ended", "provider": "gladia", "run_id": f"run of {name}"}
        write_state(self.storage, name, {**told, "session_ids": [f"id of {name}"], **state})
        self.storage.write_atomically(session_file(name, "turns.jsonl"), said.encode())
        self.storage.write_atomically(session_file(name, "audio.wav"), b"sound")
        write_heard(self.storage, name, said, BEGAN)

    def places(self) -> Places:
        return Places(self.storage, self.ledger, self.service.delete, self.records)

    def records(self, left: Left) -> int:
        self.left = left
        return 0

    def forget(self, called: str = MINE) -> Forgotten:
        return forget(find_calls(called, self.storage, self.ledger), self.places())

    def found(self, *needles: str) -> set[str]:
        return places_with(self.folder, needles)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Desk(tmp_path, ledger)


@pytest.mark.parametrize("called", [MINE, f"id of {MINE}"])
def test_nothing_of_it_is_left_but_a_hash(desk: Desk, called: str) -> None:
    others = desk.found(OTHER)
    assert desk.forget(called).problems == ()
    assert desk.found(MINE, SAID) == set()
    assert desk.found(OTHER) == others
    assert len(desk.storage.list("forgotten")) == 1
    assert not Path(desk.storage.path(f"sessions/{MINE}")).exists()


def test_gladia_and_prefect_are_told_of_it(desk: Desk) -> None:
    desk.forget()
    (kept,) = desk.service.deleted
    assert (kept.provider, kept.id) == ("gladia", f"id of {MINE}")
    assert desk.left.run_ids == (f"run of {MINE}",)
    assert MINE in desk.left.traces


def test_one_whose_folder_went_with_its_age_is_known_by_its_rows(desk: Desk) -> None:
    for path in desk.storage.list(f"sessions/{MINE}"):
        desk.storage.remove(path)
    desk.forget()
    assert desk.found(MINE, SAID) == set()


def test_once_forgotten_it_is_known_by_its_name(desk: Desk) -> None:
    desk.forget()
    assert desk.forget() == Forgotten({}, ())
    assert finish(desk.places()) == Forgotten({}, ())


def test_one_that_is_being_streamed_must_end_first(desk: Desk) -> None:
    desk.add("now", SAID, state="running")
    with pytest.raises(UsageError, match="is being streamed: end it first"):
        desk.forget("now")


def test_a_recording_goes_with_the_sessions_that_streamed_it(tmp_path: Path) -> None:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        bench = Forgetful(tmp_path, ledger)
        desk = Desk(tmp_path, ledger)
        uri = str((bench.recordings / NAME).resolve())
        desk.add("of-it", SAID, source_uri=uri)
        desk.add("older", "jam", source="secret-caller.wav")
        calls = find_calls(NAME, desk.storage, ledger)
        assert sorted(each.kind for each in calls) == ["recording", "session"]
        assert alike(desk.storage, calls) == ("older",)
        assert forget(calls, desk.places()).problems == ()
        assert desk.found("of-it") == set()
        assert len(desk.found("older")) > 0
        left = {path for path in bench.found() if MINE not in path}
        assert left == {tombstone(bench), "ledger.sqlite"}
