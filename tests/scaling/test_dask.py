"""Tasks that keep a processor busy run on Dask by a setting, with the same results."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from distributed import Client, LocalCluster

from fermata.errors import UsageError
from fermata.localserver import LocalServer, LocalServerConfig
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner
from tests.unheard_port import unheard_port

TABLES = ("recordings", "gaps", "ipus", "silences", "turns")
NIGHTS = 2

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def archive(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlowRunner]:
    """A data folder with several batches, whose tables were computed on threads."""
    folder = tmp_path_factory.mktemp("archive")
    conversations = Conversations(folder / "recordings")
    names = [[f"{night}_{number}.wav" for number in range(2)] for night in range(NIGHTS)]
    for night, both in enumerate(names):
        for name in both:
            conversations.add(name, gaps_ms=(300 + 100 * night, 700, -50))
    config = LocalServerConfig(references=conversations.folder)
    with LocalServer(config) as server, FlowRunner(folder / "data") as runner:
        runner.use(server)
        for both in names:
            run = runner.calibrate(*(conversations.folder / name for name in both))
            assert run.message == "2 of 2 analysed"
        yield runner


@pytest.fixture
def flows(archive: FlowRunner) -> Iterator[FlowRunner]:
    """Runs flows on that folder, with settings of the test's own."""
    with FlowRunner(archive.data_dir) as runner:
        yield runner


def tables_of(flows: FlowRunner) -> dict[str, pd.DataFrame]:
    """All rows of all tables, in an order that follows from them."""
    found = {
        name: flows.table(name).drop(columns="analysed_at", errors="ignore") for name in TABLES
    }
    return {
        name: rows.sort_values(list(rows.columns[:2]))
        .sort_index(axis="columns")
        .reset_index(drop=True)
        for name, rows in found.items()
    }


def forget_tables(flows: FlowRunner) -> None:
    for name in TABLES:
        for file in (flows.data_dir / name).glob("*.parquet"):
            file.unlink()


def assert_computes_what_threads_do(flows: FlowRunner, **settings: Any) -> None:
    """Computes all tables anew, on threads and with Dask: the same rows and choice."""
    on_threads = flows.reprocess()
    expected = tables_of(flows)
    assert len(expected["recordings"]) == 2 * NIGHTS
    forget_tables(flows)
    flows.set(FERMATA_TASK_RUNNER="dask", **settings)
    on_dask = flows.reprocess()
    assert on_dask.message == on_threads.message == f"{2 * NIGHTS} of {2 * NIGHTS} analysed"
    for name, rows in tables_of(flows).items():
        pd.testing.assert_frame_equal(rows, expected[name])
    assert on_dask.groups["default"].choice == on_threads.groups["default"].choice
    names = on_dask.task_runs()
    assert sum(name.startswith("tabulate transcripts") for name in names) >= NIGHTS


@pytest.mark.soak
def test_a_local_cluster_of_two_computes_the_same_tables_as_threads(flows: FlowRunner) -> None:
    assert_computes_what_threads_do(flows, FERMATA_DASK_WORKERS=2)


@pytest.fixture(scope="module")
def cluster(archive: FlowRunner) -> Iterator[str]:
    """A cluster of one process that is up before the run; its scheduler's address."""
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as running:
        yield running.scheduler_address


def executed(address: str) -> list[int]:
    """How many tasks each worker has run."""
    with Client(address) as client:
        return list(client.run(lambda dask_worker: dask_worker.state.executed_count).values())


def test_a_cluster_that_is_up_already_computes_the_same_tables_as_threads(
    flows: FlowRunner, cluster: str
) -> None:
    assert_computes_what_threads_do(flows, FERMATA_DASK_ADDRESS=cluster)
    assert sum(executed(cluster)) >= NIGHTS


def test_a_cluster_with_other_data_is_refused(
    flows: FlowRunner, cluster: str, tmp_path: Path
) -> None:
    flows.set(
        FERMATA_TASK_RUNNER="dask",
        FERMATA_DASK_ADDRESS=cluster,
        FERMATA_DATA_DIR=tmp_path / "elsewhere",
        FERMATA_LEDGER_URL=f"sqlite:///{flows.data_dir / 'ledger.sqlite'}",
    )
    run = flows.reprocess()
    assert isinstance(run.result, UsageError)
    assert "has its data at" in str(run.result)


def test_a_scheduler_that_does_not_answer_is_wrong_use(
    flows: FlowRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks import processors

    monkeypatch.setattr(processors, "_CONNECT_TIMEOUT_S", 1)
    with unheard_port() as port:
        flows.set(FERMATA_TASK_RUNNER="dask", FERMATA_DASK_ADDRESS=f"tcp://127.0.0.1:{port}")
        run = flows.reprocess()
    assert isinstance(run.result, UsageError)
    assert "no scheduler answers" in str(run.result)
