"""What was heard and quoted goes when it is old enough: streamed tables, pages, the UI."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fermata.ledger import Ledger
from fermata.storage import Storage
from fermata.tables import STREAMED_TURNS, STREAMED_WORDS, Table, read_arrow
from fermata.tables.compaction import merge, plan_compaction
from fermata.upkeep import Keep, Tidying, plan_tidying, tidy
from tests.unit.upkeep.heard import write_heard

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TABLES = (STREAMED_TURNS, STREAMED_WORDS)
LONG_AGO_S = 1_000_000_000


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "data"))


def planned(storage: Storage, **days: int) -> Tidying:
    with Ledger(f"sqlite:///{storage.path('ledger.sqlite')}") as ledger:
        return plan_tidying(storage, ledger, Keep(**days), NOW)


def sessions(storage: Storage, table: Table) -> list[str]:
    return sorted(set(read_arrow(storage, table, ("session",))["session"].to_pylist()))


def write_sessions(storage: Storage, count: int) -> list[str]:
    """One session a day, the newest of today; returns their names, oldest first."""
    names = [f"session-{index:02d}" for index in range(count)]
    for index, name in enumerate(names):
        began = NOW - timedelta(days=count - 1 - index)
        write_heard(storage, name, f"said in {index:02d}", began)
    return names


def merged(storage: Storage) -> None:
    for table in TABLES:
        for path in storage.list(table.name):
            os.utime(storage.path(path), (LONG_AGO_S, LONG_AGO_S))
        for merging in plan_compaction(storage, table, NOW):
            assert merge(storage, merging) > 1


def left_as_they_are(_: Storage) -> None:
    """Small files, one of each session."""


@pytest.mark.parametrize("prepare", [left_as_they_are, merged])
def test_old_sessions_leave_the_tables_and_young_ones_stay(
    storage: Storage, prepare: Callable[[Storage], None]
) -> None:
    names = write_sessions(storage, 20)
    prepare(storage)
    tidying = planned(storage, streamed_days=5)
    assert tidying.streamed == tuple(names[:14])
    assert "14 sessions deleted from the tables" in tidy(tidying, storage).summary
    assert all(sessions(storage, table) == names[14:] for table in TABLES)
    assert planned(storage, streamed_days=5).streamed == ()


def test_no_word_of_an_old_session_stays_in_a_file(storage: Storage) -> None:
    write_sessions(storage, 20)
    merged(storage)
    tidy(planned(storage, streamed_days=18), storage)
    (path,) = storage.list(STREAMED_WORDS.name)
    assert b"said in 01" in storage.read(path)
    assert b"said in 00" not in storage.read(path)


def test_a_deletion_that_was_killed_between_the_tables_goes_on(storage: Storage) -> None:
    write_sessions(storage, 1)
    storage.remove("streamed_words/session-00.parquet")
    later = NOW + timedelta(days=3)
    with Ledger(f"sqlite:///{storage.path('ledger.sqlite')}") as ledger:
        tidying = plan_tidying(storage, ledger, Keep(streamed_days=1), later)
    tidy(tidying, storage)
    assert storage.list(STREAMED_TURNS.name) == ()


def test_old_pages_go(storage: Storage) -> None:
    for name, days_ago in (("old", 31), ("young", 29)):
        storage.write_atomically(f"reports/{name}.html", b"<html>")
        at_s = (NOW - timedelta(days=days_ago)).timestamp()
        os.utime(storage.path(f"reports/{name}.html"), (at_s, at_s))
    tidying = planned(storage, reports_days=30)
    assert tidying.lines == ("1 reports to delete",)
    assert tidy(tidying, storage).summary == "1 reports deleted"
    assert storage.list("reports") == ("reports/young.html",)


def test_what_another_program_shows_is_deleted_there(storage: Storage) -> None:
    tidying = Tidying((), (), (), (), (), (), shown=("one", "two"), problems=("no answer",))
    gone: list[str] = []
    tidied = tidy(tidying, storage, delete_shown=gone.append)
    assert gone == ["one", "two"]
    assert tidied.problems == ("no answer",)
