"""Threads that write at once commit together, and nothing is acknowledged before it is on disk."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from fermata.ledger.database import Database
from fermata.ledger.errors import LedgerUnavailableError

WRITERS = 12
DEADLINE_S = 60
ADD = text("INSERT INTO asked_in_scope (scope, recording_group, asked) VALUES ('', :name, '')")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.close()


def on_disk(path: Path) -> set[str]:
    """What another process would find."""
    with closing(sqlite3.connect(path)) as other:
        return {name for (name,) in other.execute("SELECT recording_group FROM asked_in_scope")}


def together(*work) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
        assert not thread.is_alive()


def test_what_was_acknowledged_is_on_disk(database: Database, path: Path):
    missing = []

    def write(number: int) -> None:
        for turn in range(5):
            name = f"{number}-{turn}"
            with database.writing() as connection:
                connection.execute(ADD, {"name": name})
            if name not in on_disk(path):
                missing.append(name)

    together(*(lambda number=number: write(number) for number in range(WRITERS)))
    assert missing == []
    assert len(on_disk(path)) == 5 * WRITERS


def test_writers_behind_each_other_are_committed_together(database: Database, path: Path):
    commits = []
    first_is_in, all_wait = threading.Event(), threading.Event()
    commit = database._writer._commit
    database._writer._commit = lambda group: commits.append(group.members) or commit(group)

    def first() -> None:
        with database.writing() as connection:
            first_is_in.set()
            assert all_wait.wait(DEADLINE_S)
            connection.execute(ADD, {"name": "first"})

    def behind(number: int) -> None:
        assert first_is_in.wait(DEADLINE_S)
        with database.writing() as connection:
            connection.execute(ADD, {"name": f"behind {number}"})

    def let_go() -> None:
        pause = threading.Event()
        while database._writer._behind < WRITERS:
            pause.wait(0.01)
        all_wait.set()

    together(first, let_go, *(lambda number=number: behind(number) for number in range(WRITERS)))
    assert commits == [WRITERS + 1]
    assert len(on_disk(path)) == WRITERS + 1


class UndoneError(Exception):
    pass


def undo() -> None:
    raise UndoneError


def test_what_one_undoes_stays_for_the_others(database: Database, path: Path):
    undone = []

    def write(number: int) -> None:
        try:
            with database.writing() as connection:
                connection.execute(ADD, {"name": f"{number}"})
                if number % 2:
                    undo()
        except UndoneError:
            undone.append(number)

    together(*(lambda number=number: write(number) for number in range(WRITERS)))
    assert len(undone) == WRITERS / 2
    assert on_disk(path) == {str(number) for number in range(0, WRITERS, 2)}


def test_a_statement_that_the_database_refuses_harms_no_other(database: Database, path: Path):
    refused = []

    def write(number: int) -> None:
        try:
            with database.writing() as connection:
                connection.execute(ADD, {"name": f"mine {number}"})
                connection.execute(ADD, {"name": "everybody's"})
        except LedgerUnavailableError as error:
            refused.append(error)

    together(*(lambda number=number: write(number) for number in range(WRITERS)))
    assert len(refused) == WRITERS - 1
    assert all(isinstance(error.__cause__, IntegrityError) for error in refused)
    assert len(on_disk(path)) == 2


def test_a_commit_that_fails_is_acknowledged_to_nobody(database: Database, path: Path):
    told = []
    connection = database._writer._connection
    connection.commit = lambda: (_ for _ in ()).throw(
        OperationalError("COMMIT", {}, OSError("disk full"))
    )

    def write(number: int) -> None:
        try:
            with database.writing() as writing:
                writing.execute(ADD, {"name": f"{number}"})
                told.append(on_disk(path))
        except LedgerUnavailableError:
            return
        told.append("acknowledged")

    write(1)
    assert told == [set()]
    assert on_disk(path) == set()
    write(2)
    assert told[-1] == "acknowledged"
    assert on_disk(path) == {"2"}


def test_a_writer_that_was_interrupted_in_the_queue_holds_up_nobody(database: Database, path: Path):
    """It is counted as one behind, and never comes."""
    database._writer._count(1)
    with database.writing() as connection:
        connection.execute(ADD, {"name": "alone"})
    assert on_disk(path) == {"alone"}
