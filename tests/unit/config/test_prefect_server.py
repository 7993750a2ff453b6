"""The local Prefect server: found again, on another port where one is taken, one for two runs."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.prefect_server import RunningServer, ensure_local_server, server_home
from config.prefect_server import _free_port as free_port
from tests.unheard_port import unheard_port


def must_not_start() -> None:
    raise AssertionError("a second server was about to be started")


def test_a_port_that_is_taken_gives_way_to_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) not in (0, port)


def test_a_port_that_is_free_is_taken() -> None:
    # Another process may take one that was just given back, though hardly each of them.
    assert any(free_port(port) == port for port in (free_port(0) for _ in range(5)))


def test_a_server_that_is_gone_does_not_answer() -> None:
    with unheard_port() as port:
        assert not RunningServer(pid=os.getpid(), port=port).answers()


def test_its_folder_is_that_of_prefect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    assert server_home() == tmp_path


@pytest.mark.usefixtures("prefect_server")
def test_a_server_that_runs_is_found_by_every_run_that_asks() -> None:
    with ThreadPoolExecutor(4) as runs:
        found = runs.map(lambda _: ensure_local_server(4200, must_not_start), range(4))
    assert len({server.port for server in found}) == 1


def test_the_ui_is_told_where_its_server_is(prefect_server: str) -> None:
    server = ensure_local_server(4200, must_not_start)
    assert server.ui_url == prefect_server
    assert server.api_url == f"{prefect_server}/api"
