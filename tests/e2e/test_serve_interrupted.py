"""Ctrl-C while `make serve` starts: one line, whatever it is at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

INTERRUPTED_AT = """
import os, runpy, signal, sys

def interrupt(event, arguments):
    if left and (event, str(arguments[0])) == left[0]:
        left.clear()
        os.kill(os.getpid(), signal.SIGINT)

event, what = sys.argv.pop(1), sys.argv.pop(1)
left = [(event, what or sys.executable)]
sys.addaudithook(interrupt)
runpy.run_module("deployments.serve", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("import", "config.prefect_client"),
        ("import", "pydantic_settings"),
        ("import", "fermata.errors"),
        # As it starts the Prefect server.
        pytest.param("subprocess.Popen", "", marks=pytest.mark.soak),
    ],
)
def test_ctrl_c_is_one_line(event: str, what: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT, event, what],
        cwd=ROOT,
        env=os.environ | {"PREFECT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr.splitlines()[-1].startswith("fermata: interrupted before it served")
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "server.json").exists()
