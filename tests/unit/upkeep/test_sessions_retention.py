"""Live sessions are deleted when they are old enough, and never while they may be needed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fermata.ledger import Ledger
from fermata.sessions.kept import SessionState
from fermata.sessions.places import read_state, session_file, write_state
from fermata.storage import Storage
from fermata.upkeep import Keep, Tidying, plan_tidying, tidy

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "data"))


def add_session(storage: Storage, name: str, days_ago: float, state: str = "ended") -> None:
    ended_at = (NOW - timedelta(days=days_ago)).isoformat()
    write_state(
        storage,
        name,
        {"session": name, "state": state, "ended_at": ended_at, "recording": "audio.wav"},
    )
    storage.write_atomically(session_file(name, "audio.wav"), b"sound")
    storage.write_atomically(session_file(name, "turns.jsonl"), b"{}\n")


def planned(storage: Storage, **days: int) -> Tidying:
    with Ledger(f"sqlite:///{storage.path('ledger.sqlite')}") as ledger:
        return plan_tidying(storage, ledger, Keep(**days), NOW)


def test_without_a_setting_everything_is_kept(storage: Storage) -> None:
    add_session(storage, "old", 1_000)
    assert planned(storage).lines == ()


def test_audio_goes_and_the_rest_of_the_session_stays(storage: Storage) -> None:
    add_session(storage, "old", 31)
    add_session(storage, "young", 29)
    tidying = planned(storage, audio_days=30)
    assert tidying.audio == ("old",)
    assert tidy(tidying, storage).summary == "1 recordings of sessions deleted"
    assert storage.list("sessions/old") == ("sessions/old/session.json", "sessions/old/turns.jsonl")
    assert read_state(storage, "old")["recording"] is None
    assert storage.exists("sessions/young/audio.wav")
    assert planned(storage, audio_days=30).lines == ()


def test_an_old_session_goes_with_its_folder(storage: Storage) -> None:
    add_session(storage, "old", 91)
    tidying = planned(storage, audio_days=30, sessions_days=90)
    assert (tidying.audio, tidying.sessions) == ((), ("old",))
    tidy(tidying, storage)
    assert not Path(storage.path("sessions/old")).exists()


@pytest.mark.parametrize("state", [each for each in SessionState if each != SessionState.RUNNING])
def test_whichever_way_a_session_ended_it_goes(storage: Storage, state: SessionState) -> None:
    add_session(storage, "old", 91, state)
    assert planned(storage, sessions_days=90).sessions == ("old",)


@pytest.mark.parametrize("state", ["running", "unheard of"])
def test_a_session_that_did_not_end_is_kept_however_old(storage: Storage, state: str) -> None:
    add_session(storage, "open", 1_000, state)
    assert planned(storage, audio_days=1, sessions_days=1).lines == ()


def test_a_session_whose_state_cannot_be_read_is_kept(storage: Storage) -> None:
    add_session(storage, "torn", 1_000)
    storage.write_atomically(session_file("torn", "session.json"), b'{"state": "ended"')
    assert planned(storage, audio_days=1, sessions_days=1).lines == ()


def test_a_deletion_that_was_killed_is_finished_the_next_time(storage: Storage) -> None:
    add_session(storage, "old", 91)
    storage.remove("sessions/old/turns.jsonl")
    tidy(planned(storage, sessions_days=90), storage)
    assert storage.list("sessions") == ()
