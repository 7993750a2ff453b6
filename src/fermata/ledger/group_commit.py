"""Transactions of several threads that reach the disk together.

SQLite takes one writer at a time and each commit waits for the disk, so threads that write one
by one wait for each other's disk. Here they take turns on one connection, each within a savepoint
of its own, and the last one that has nobody behind it commits for all. None of them goes on
before what it wrote is on disk; what one of them undoes is not undone for the others.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

_MOST_TOGETHER = 32
"""Nobody waits for more than that many others."""

_LOOK_AFTER_S = 0.25
"""One who was behind may have been interrupted; then those that waited for it commit."""


@dataclass(slots=True)
class _Group:
    """Transactions that are committed together."""

    members: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None

    def end(self, failure: BaseException | None) -> None:
        self.failure = failure
        self.ended.set()


class GroupCommit:
    """Writing transactions on one connection of an engine; may be used from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._group = _Group()
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._behind = 0

    def close(self) -> None:
        """Closes the connection; nobody may be writing."""
        with self._turn:
            self._drop_connection()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of its own, as far as the one who writes can tell.

        Raises:
            DBAPIError: The database failed, and nothing was written.
        """
        with self._in_turn():
            group = self._group
            try:
                with self._savepoint(group) as connection:
                    yield connection
                group.members += 1
            finally:
                if group is self._group and self._is_full(group):
                    self._commit(group)
        while not group.ended.wait(_LOOK_AFTER_S):
            with self._turn:
                if group is self._group:
                    self._commit(group)
        if group.failure is not None:
            raise group.failure

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        self._count(1)
        try:
            self._turn.acquire()
        finally:
            self._count(-1)
        try:
            yield
        finally:
            self._turn.release()

    def _count(self, more: int) -> None:
        with self._counting:
            self._behind += more

    def _is_full(self, group: _Group) -> bool:
        return self._behind == 0 or group.members >= _MOST_TOGETHER

    @contextmanager
    def _savepoint(self, group: _Group) -> Iterator[Connection]:
        connection = self._begun(group)
        connection.exec_driver_sql("SAVEPOINT one")
        try:
            yield connection
            connection.exec_driver_sql("RELEASE one")
        except BaseException as error:
            self._undo(connection, group, error)
            raise

    def _begun(self, group: _Group) -> Connection:
        """The connection, in the group's transaction."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            if not self._connection.in_transaction():
                self._connection.begin()
        except BaseException as error:
            self._fail(group, error)
            raise
        return self._connection

    def _undo(self, connection: Connection, group: _Group, error: BaseException) -> None:
        """Undoes what one has written; all, where the database gave up the whole transaction."""
        try:
            connection.exec_driver_sql("ROLLBACK TO one")
            connection.exec_driver_sql("RELEASE one")
        except Exception:  # noqa: BLE001 - the first error is the one to tell
            self._fail(group, error)

    def _commit(self, group: _Group) -> None:
        if self._connection is not None and self._connection.in_transaction():
            try:
                self._connection.commit()
            except BaseException as error:
                self._fail(group, error)
                raise
        self._group = _Group()
        group.end(None)

    def _fail(self, group: _Group, error: BaseException) -> None:
        self._group = _Group()
        self._drop_connection()
        group.end(error)

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
