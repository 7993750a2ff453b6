"""A fresh ledger per test, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from fermata.ledger import Ledger
from tests.unit.ledger.postgres_server import programs, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The template of a server's URLs."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed: no initdb on the PATH or where Debian has it")
    with running_postgres(folder) as template:
        yield template


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    template = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    url = template.format(name="postgres").replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return str(template.format(name=name))


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened
