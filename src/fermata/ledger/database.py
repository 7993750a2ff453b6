"""The database under the ledger: SQLite in a file, or PostgreSQL for several machines."""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import tenacity
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from fermata.errors import UsageError
from fermata.ledger.damage import is_damage
from fermata.ledger.errors import LedgerDamagedError, LedgerUnavailableError
from fermata.ledger.group_commit import GroupCommit
from fermata.ledger.schema import LEDGER, METADATA, REPLACED_TABLES, SCHEMA_VERSION
from fermata.ledger.scrubbing import scrub_sqlite
from fermata.private_files import create_private, make_private_folder
from fermata.redact import remember_address

_BUSY_TIMEOUT_S = 30
_CONNECT_TIMEOUT_S = 10
_SCHEMA_LOCK = 0x4665726D617461
"""The advisory lock under which the tables are made: "Fermata" in ASCII."""

Insert = sqlite.Insert | postgresql.Insert


class Database:
    """Transactions on the ledger's database; may be used from several threads and processes."""

    def __init__(self, url: str | URL) -> None:
        """Connects, and makes the tables unless they are there.

        Args:
            url: An SQLAlchemy URL, `sqlite:///...` or `postgresql://...`.

        Raises:
            UsageError: The URL can't be used, or a newer Fermata made the tables.
            LedgerUnavailableError: The database can't be reached.
            LedgerDamagedError: What is there is no ledger.
        """
        self._engine = _engine(_checked(url))
        self._reads = self._engine.execution_options(fermata_begin="DEFERRED")
        self.insert: Callable[..., Insert] = (
            sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
        )
        # Elsewhere writers don't wait for each other, so they may as well commit by themselves.
        is_sqlite = self._engine.dialect.name == "sqlite"
        self._writer = GroupCommit(self._engine) if is_sqlite else self._engine
        try:
            self._create()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes all connections."""
        if isinstance(self._writer, GroupCommit):
            self._writer.close()
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, and waits for no writer.

        Raises:
            LedgerUnavailableError: The database failed.
        """
        with _explained(self._engine.url), self._reads.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes; committed at the end, undone by an exception.

        Raises:
            LedgerUnavailableError: The database failed, and nothing was written.
        """
        with _explained(self._engine.url), self._transaction() as connection:
            yield connection

    def scrub(self) -> bool:
        """Writes an SQLite file anew, without the bytes of rows that are gone, and empties its log.

        Other databases need nothing of the kind, and are left alone.

        Returns:
            Whether it is done; not while another process reads or writes.

        Raises:
            LedgerUnavailableError: The database failed.
        """
        if self._engine.dialect.name != "sqlite":
            return True
        with _explained(self._engine.url), closing(self._engine.raw_connection()) as connection:
            return scrub_sqlite(connection.cursor())

    def _transaction(self) -> AbstractContextManager[Connection]:
        if isinstance(self._writer, GroupCommit):
            return self._writer.writing()
        return self._writer.begin()

    def _create(self) -> None:
        if self._engine.dialect.name == "sqlite":
            with _explained(self._engine.url):
                _use_write_ahead_log(self._engine)
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK}
                )
            for name in REPLACED_TABLES:
                connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
            METADATA.create_all(connection)
            row = {"id": 1, "schema_version": SCHEMA_VERSION}
            connection.execute(self.insert(LEDGER).values(row).on_conflict_do_nothing())
            version = connection.scalar(select(LEDGER.c.schema_version))
            for table in METADATA.tables.values():
                connection.execute(select(table).limit(0))
        if version != SCHEMA_VERSION:
            raise UsageError(
                f"the ledger has version {version}, this Fermata knows {SCHEMA_VERSION}: "
                "use the Fermata that made it, or a newer one"
            )


def in_file(path: str) -> URL:
    """The URL of a ledger in a file; pasted into a text, a `?` or `%41` in its path would cut it.

    Args:
        path: The file, which need not exist yet.
    """
    return URL.create("sqlite", database=path)


def _checked(url: str | URL) -> URL:
    if isinstance(url, str):
        remember_address(url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter of a port that is no number
        raise UsageError(
            "the ledger's URL must be like sqlite:///data/ledger.db or postgresql://host/name"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise UsageError(f"the ledger can't live in {backend}: use sqlite or postgresql")
    if parsed.database in (None, "", ":memory:"):
        raise UsageError("a ledger in memory forgets what was billed: name a file")
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        try:
            return create_engine(
                url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S}
            )
        except (ImportError, NoSuchModuleError) as error:
            raise UsageError(
                "a ledger in PostgreSQL needs psycopg: run `make setup` in Fermata's folder"
            ) from error
    _make_file(Path(str(url.database)))
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_TIMEOUT_S}, json_deserializer=_from_json
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@lru_cache(maxsize=256)
def _from_json(text: str) -> Any:
    """What a JSON text holds; 100,000 jobs name the same few lists of models."""
    return json.loads(text)


def _make_file(path: Path) -> None:
    """Makes the file and its folder private; SQLite gives the files beside it the same mode."""
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise UsageError(
            f"the ledger's folder {path.parent} can't be made ({error.strerror}): choose another"
        ) from error
    # What is wrong with the file itself, SQLite tells.
    with contextlib.suppress(OSError):
        create_private(path)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Without this the driver begins transactions by itself, and later than it should.
    connection.isolation_level = None
    # What was billed must survive a power cut too, not only a killed process.
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that first reads and then writes would fail at once when another one writes;
    # one that says so at its beginning waits for its turn.
    kind = connection.get_execution_options().get("fermata_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _use_write_ahead_log(engine: Engine) -> None:
    """Lets readers and a writer work at once. SQLite does not wait for others here: we do."""
    for attempt in tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(sqlite3.OperationalError),
        stop=tenacity.stop_after_delay(_BUSY_TIMEOUT_S),
        wait=tenacity.wait_random(0.01, 0.1),
        reraise=True,
    ):
        with attempt, closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.close()


@contextlib.contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error, PoolTimeout) as error:
        cause = getattr(error, "orig", None) or error
        first_line = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        place = f"the ledger at {url.render_as_string(hide_password=True)}"
        if is_damage(cause):
            raise LedgerDamagedError(f"{place} {_what_to_do(url, first_line)}") from error
        raise LedgerUnavailableError(
            f"{place} can't be used ({first_line}): check that it is there, writable and not busy"
        ) from error


def _what_to_do(url: URL, reason: str) -> str:
    is_file = url.get_backend_name() == "sqlite"
    away = "move it away, with the -wal and -shm files beside it," if is_file else "drop its tables"
    return (
        f"is damaged ({reason}): {away} and run again; "
        "it is rebuilt from the archive and the tables, and what they hold is not billed again"
    )
