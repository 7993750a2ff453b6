"""The local Prefect server: found again, on another port where one is taken, one for two runs."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.prefect_server import _free_port as free_port
from config.prefect_server import (
    ensure_local_server,
    find_or_start,
    running_server,
    server_home,
    stop_local_server,
    wait_until_it_answers,
)
from config.running_server import RunningServer
from fermata.errors import UsageError
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


@pytest.mark.parametrize("damaged", [b"", b'{"pid": 1', b"\xff\xfe", b"[]"])
def test_a_record_that_a_crash_left_damaged_counts_as_none(
    damaged: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    (tmp_path / "server.json").write_bytes(damaged)
    assert running_server() is None
    assert not stop_local_server()


def test_a_server_that_is_coming_up_is_waited_for_by_who_comes_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    started = find_or_start(0)
    try:
        assert find_or_start(0) == started
        assert not list(tmp_path.glob("server.json.*"))
    finally:
        assert stop_local_server()
    with pytest.raises(UsageError, match="did not start; its log is"):
        wait_until_it_answers(started)
