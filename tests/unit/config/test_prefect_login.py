"""The local Prefect server's login: made once, for its owner alone, and sent to nobody else."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.prefect_client import Connection
from config.prefect_login import ASKS_NOBODY, LOGIN_FILE, kept_login, made_login
from config.prefect_server import find_or_start, login_for, running_server, stop_local_server
from config.prefect_spawning import server_environment
from config.running_server import RunningServer
from fermata.errors import UsageError

ROOT = Path(__file__).parents[3]
SECRETS = {
    "ASSEMBLYAI_API_KEY": "sk-1",
    "GLADIA_API_KEY": "sk-2",
    "FERMATA_LEDGER_URL": "postgresql://u:pw@host/ledger",
    "AWS_SECRET_ACCESS_KEY": "sk-3",
    "SOMEBODYS_TOKEN": "sk-4",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    return tmp_path


Earlier = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def earlier(home: Path) -> Iterator[Earlier]:
    """Starts a server as an older version did, and records it."""
    with ExitStack() as stack:

        def start(*options: str) -> "subprocess.Popen[str]":
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.unit.config.earlier_server", *options],
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            server = RunningServer(pid=process.pid, port=int(process.stdout.readline()))
            (home / "server.json").write_text(server.model_dump_json())
            return process

        yield start


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        login = made_login(tmp_path)
    finally:
        os.umask(before)
    file = tmp_path / LOGIN_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert made_login(tmp_path) == kept_login(tmp_path) == login
    assert list(tmp_path.iterdir()) == [file]


def test_one_that_others_could_read_is_closed_and_an_empty_one_made_anew(tmp_path: Path) -> None:
    file = tmp_path / LOGIN_FILE
    file.write_text("fermata:kept\n")
    file.chmod(0o644)
    assert made_login(tmp_path).get_secret_value() == "fermata:kept"
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("")
    assert kept_login(tmp_path) is None
    assert made_login(tmp_path).get_secret_value().startswith("fermata:")


def test_it_is_not_shown_where_it_is_printed(tmp_path: Path) -> None:
    login = made_login(tmp_path)
    assert login.get_secret_value() not in f"{login} {login!r}"


def test_the_server_has_no_secret_of_whoever_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("https_proxy", "http://way-out:3128")
    given = server_environment(tmp_path, 4321)
    assert not given.keys() & SECRETS
    assert {"PATH", "PREFECT_HOME", "https_proxy"} <= given.keys()
    assert given["PREFECT_SERVER_API_AUTH_STRING"] == made_login(tmp_path).get_secret_value()
    ours = "http://127.0.0.1:4321,http://localhost:4321"
    assert given["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == ours


def test_an_idle_server_of_an_older_version_makes_way_for_one_with_a_login(
    earlier: Earlier, home: Path
) -> None:
    old = earlier()
    started = find_or_start(0)
    try:
        assert old.wait(60) != 0
        assert started.pid != old.pid
        assert kept_login(home)
    finally:
        assert stop_local_server()


def test_one_that_is_in_use_stays_and_is_told_of(
    earlier: Earlier, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = earlier("READY")
    assert find_or_start(0).pid == old.pid
    server = running_server()
    assert server is not None
    assert login_for(server) is None
    # As if a person's own settings named it, whatever this process reports to.
    monkeypatch.setattr("config.prefect_client.configured_api", lambda: None)
    monkeypatch.setattr("config.prefect_client._refresh_prefect_settings", lambda: None)
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING"):
        monkeypatch.setenv(name, "another")
    connection = Connection(0)
    connection.ready()
    assert connection.how_to_log_in == ASKS_NOBODY
    assert os.environ["PREFECT_API_URL"] == server.api_url
    assert "PREFECT_API_AUTH_STRING" not in os.environ


@pytest.mark.usefixtures("prefect_server")
def test_a_server_with_another_login_is_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("server.json", "server.alive"):
        (tmp_path / name).symlink_to(Path(os.environ["PREFECT_HOME"]) / name)
    (tmp_path / LOGIN_FILE).write_text("fermata:another\n")
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    server = running_server()
    assert server is not None
    with pytest.raises(UsageError, match=r"does not take the login in .*server.login: end it with"):
        login_for(server)


@pytest.mark.usefixtures("prefect_server")
def test_whoever_took_the_port_of_a_server_that_is_gone_is_sent_no_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a server that holds the lock is ours: here the record alone is."""
    (tmp_path / "server.json").symlink_to(Path(os.environ["PREFECT_HOME"]) / "server.json")
    made_login(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setattr(RunningServer, "refuses", lambda *_: pytest.fail("a login was sent"))
    server = running_server()
    assert server is not None
    with pytest.raises(UsageError, match="does not take the login"):
        login_for(server)
