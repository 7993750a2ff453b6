"""The database's clock as SQL: several machines agree on it, whatever their own clocks say."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class now_s(FunctionElement[float]):  # noqa: N801 - a SQL function, written like one
    """Seconds since 1970 in UTC, when the statement runs (not when its transaction began)."""

    name = "now_s"
    type = Double()
    inherit_cache = True


@compiles(now_s, "sqlite")
def _sqlite(_element: now_s, _compiler: SQLCompiler, **_: Any) -> str:
    # unixepoch('subsec') would read better, but needs SQLite 3.42.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now_s, "postgresql")
def _postgresql(_element: now_s, _compiler: SQLCompiler, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS double precision)"


def as_datetime(seconds: float) -> datetime:
    """Returns the ledger's seconds as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
