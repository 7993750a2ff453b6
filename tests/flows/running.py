"""Runs the flow `calibrate` in the test's process on a data folder of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import duckdb
import pandas as pd
import pytest

from fermata.localserver import LocalServer
from tests.flows.seen import FlowRun

KEY = "dummy-key-of-the-tests-0123456789"

StartServer = Callable[..., LocalServer]


class FlowRunner:
    """Settings and wiring of one test, put back as they were when it ends."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Self:
        from config.settings import Settings

        # Neither the project's `.env` nor one in the current folder.
        self._patch.setitem(Settings.model_config, "env_file", None)
        self.set(FERMATA_DATA_DIR=str(self.data_dir))
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()
        forget_wiring()

    def set(self, **variables: object) -> None:
        """Sets variables and lets everything be built anew from them."""
        for name, value in variables.items():
            self._patch.setenv(name, str(value))
        forget_wiring()

    def use(self, server: LocalServer, key: str = KEY) -> None:
        """Makes this server the real service, with a key that it lets in."""
        self.set(
            ASSEMBLYAI_API_KEY=key,
            FERMATA_ASSEMBLYAI_BASE_URL=server.url,
            FERMATA_POLL_INTERVAL_S=0.1,
        )

    def calibrate(self, *recordings: Path | str, **options: Any) -> FlowRun:
        """Runs the flow `calibrate` to its end, whatever that is."""
        from flows.calibrate import calibrate

        return _run(calibrate, [str(each) for each in recordings], **options)

    def nightly(self, *recordings: Path | str, **options: Any) -> FlowRun:
        """Runs the flow `nightly` to its end, whatever that is."""
        from flows.nightly import nightly

        return _run(nightly, [str(each) for each in recordings], **options)

    def reprocess(self, **options: Any) -> FlowRun:
        """Runs the flow `reprocess` to its end, whatever that is."""
        from flows.reprocess import reprocess

        return _run(reprocess, **options)

    def parquet_files(self) -> list[Path]:
        """All files of all tables."""
        return sorted(self.data_dir.rglob("*.parquet"))

    def table(self, name: str) -> pd.DataFrame:
        """A table as pandas reads its folder."""
        return pd.read_parquet(self.data_dir / name)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What DuckDB finds; `{recordings}`, `{gaps}`, `{calibrations}` are the tables' globs."""
        names = ("recordings", "gaps", "calibrations")
        globs = {name: f"'{self.data_dir / name / '**' / '*.parquet'}'" for name in names}
        with duckdb.connect() as connection:
            return connection.sql(sql.format(**globs)).fetchall()


def _run(flow: Callable[..., Any], *parameters: Any, **options: Any) -> FlowRun:
    state = flow(*parameters, return_state=True, **options)
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    return FlowRun(run_id, state, state.result(raise_on_failure=False))


def forget_wiring() -> None:
    """Drops what this process built from the settings."""
    from config import services, settings, wiring

    if wiring.ledger.cache_info().currsize:
        wiring.ledger().close()
    for cached in (settings.settings, wiring.storage, wiring.ledger, services.client_for):
        cached.cache_clear()
