"""What all tests share: an environment of their own, and one Prefect server for those that ask.

No key, setting or `.env` of whoever runs the tests reaches them, and nothing of theirs reaches
that person's Prefect. With pytest-xdist, all workers share one Prefect server, which the
process that started them ends.
"""

import atexit
import gc
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from fermata.localserver import LocalServer, LocalServerConfig
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer
from tests.odd_names import ODD_NAME

pytest_plugins = ["tests.skips"]

_FOREIGN = ("ASSEMBLYAI_", "GLADIA_", "FERMATA_", "PREFECT_")
# Read as the tasks are imported, so no single test can choose it. A burst's end is awaited
# by tests that look at retries.
_IMPORTED_SETTINGS = {"FERMATA_TASK_RETRY_DELAYS_S": "0.1,0.2"}

# With servers and processes to start, these take longest, and what is begun last ends last.
_FIRST = ("scaling", "e2e", "flows")

# How long an example takes says nothing on a machine that does other things at the same time.
# Examples differ from run to run, so fewer in each find as much in the end.
settings.register_profile(
    "fermata", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fermata")


def pytest_configure(config: pytest.Config) -> None:
    """Cleans the environment, once, before anything reads it; workers inherit it clean."""
    # Ignored where a shell has started the tests in the background, and so in all they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if _is_worker(config):
        return
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    os.environ.update(_IMPORTED_SETTINGS)
    # Processes that each use all cores for a product of matrices slow each other down.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix=f"fermata-tests {ODD_NAME} ")
    # Registered before Prefect is imported, so it runs after Prefect has sent its last logs.
    atexit.register(_end_prefect)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets the folders with the longest tests begin."""
    rank = {folder: number for number, folder in enumerate(_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.parent.name, len(rank)))


def _end_prefect() -> None:
    from config.prefect_server import stop_local_server

    stop_local_server()
    shutil.rmtree(os.environ["PREFECT_HOME"], ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def prefect_server() -> str:
    """The address of a Prefect server's UI; this process and its children report to it."""
    from config.prefect_client import connect

    with warnings.catch_warnings():
        # The server outlives whoever starts it, on purpose.
        warnings.simplefilter("ignore", ResourceWarning)
        # Any free port: 4200 may be that of the person's own server.
        ui_url = connect(0, lambda: None).ui_url
        gc.collect()
    return ui_url


@pytest.fixture
def flows(prefect_server: str, tmp_path: Path) -> Iterator[FlowRunner]:
    """Runs flows in this process on a data folder of the test's own."""
    with FlowRunner(tmp_path / ODD_NAME / "data") as runner:
        yield runner


@pytest.fixture
def conversations(tmp_path: Path) -> Conversations:
    """An empty folder for recordings whose transcripts are known."""
    return Conversations(tmp_path / ODD_NAME / "recordings")


@pytest.fixture
def serve(flows: FlowRunner, conversations: Conversations) -> Iterator[StartServer]:
    """Starts a local server that knows `conversations`, and makes it the real service."""
    with ExitStack() as stack:

        def start(**settings: Any) -> LocalServer:
            config = LocalServerConfig(references=conversations.folder, **settings)
            server = stack.enter_context(LocalServer(config))
            flows.use(server)
            return server

        yield start
