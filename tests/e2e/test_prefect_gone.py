"""Prefect's server is killed amid a run: the run comes to its end all the same."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.prefect_server import RunningServer, ensure_local_server
from fermata.localserver import LocalServer, LocalServerConfig
from tests.e2e.command_line import CommandLine
from tests.flows.conversations import Conversations
from tests.flows.seen import eventually


@pytest.fixture
def own_prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server that no other test needs."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    server = ensure_local_server(0, lambda: None)
    yield server
    kill(server)


def kill(server: RunningServer) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def test_a_run_whose_prefect_server_is_killed_ends_with_its_figures(
    own_prefect: RunningServer, tmp_path: Path, conversations: Conversations
) -> None:
    contents = conversations.add_many(3)
    fermata = CommandLine(tmp_path / "elsewhere", PREFECT_API_URL=own_prefect.api_url)
    config = LocalServerConfig(references=conversations.folder, processing_time_s=2)
    with LocalServer(config) as service:
        fermata.use(service)
        running = fermata.start("calibrate", conversations.folder, "--json")
        eventually(lambda: service.store.submissions.total() == len(contents) or None)
        kill(own_prefect)
        ended = running.wait()
        assert service.store.submissions == dict.fromkeys(contents, 1)
    assert ended.code == 0, ended.stderr
    assert ended.json["summary"] == "3 of 3 analysed"
    assert "Traceback" not in ended.stderr
    assert "Error logging to API" not in ended.stderr
    assert "the Prefect server stopped answering" in ended.stderr
