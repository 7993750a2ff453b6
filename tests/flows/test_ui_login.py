"""`fermata ui`: where Prefect's UI is, and the login for a person who looks and for nobody else."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from config.prefect_login import LOGIN_FILE

MAIN = "from fermata.cli.main import main; main(['ui'])"


@pytest.fixture
def environment(prefect_server: str) -> dict[str, str]:
    """That of a shell in which nobody has configured a Prefect server."""
    configured = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "DO_NOT_TRACK")
    assert prefect_server
    return {name: each for name, each in os.environ.items() if name not in configured}


def test_a_terminal_shows_the_login(environment: dict[str, str], prefect_server: str) -> None:
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", MAIN], env=environment, stdout=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert shown.split() == [prefect_server, "login:", os.environ["PREFECT_API_AUTH_STRING"]]


def test_a_file_or_log_is_told_where_it_is(
    environment: dict[str, str], prefect_server: str
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", MAIN], env=environment, capture_output=True, text=True, check=True
    )
    file = Path(os.environ["PREFECT_HOME"]) / LOGIN_FILE
    assert told.stdout == f"{prefect_server}\nlogin: in {file}\n"
    assert told.stderr == ""


def test_without_a_server_one_line_says_how_to_start_one(
    environment: dict[str, str], tmp_path: Path
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", MAIN],
        env=environment | {"PREFECT_HOME": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr == (
        "fermata: no Prefect server runs here: `make serve` starts one, and so does a run\n"
    )
