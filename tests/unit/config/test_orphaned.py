"""A live run whose server is killed stops in good order; a command outlives its shell."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.prefect_api import eventually

ROOT = Path(__file__).parents[3]

# Ends by itself at last, should it never be stopped.
RUN = """
import sys, threading
from pathlib import Path
from config.orphaned import stopped_when_orphaned

stop, folder = threading.Event(), Path(sys.argv[1])
with stopped_when_orphaned(stop):
    (folder / "started").touch()
    was_stopped = stop.wait(float(sys.argv[2]))
try:
    print("its last line", flush=True)
    heard = "said so"
except BrokenPipeError:
    heard = "had nobody to tell"
ended = f"{'was stopped' if was_stopped else 'went on'} and {heard}"
(folder / "ending").write_text(ended)
(folder / "ending").rename(folder / "ended")
"""
# Starts the run with its own end of a pipe, as a worker does, and waits for it.
SERVE = """
import subprocess, sys

run = [sys.executable, "-c", *sys.argv[1:]]
subprocess.run(run, stdout=subprocess.PIPE, start_new_session=True)
"""


def ending(folder: Path, at_most_s: float, **variables: str) -> str:
    """How a run ends whose server is killed."""
    inherited = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    command = [sys.executable, "-c", SERVE, RUN, str(folder), str(at_most_s)]
    with subprocess.Popen(command, cwd=ROOT, env=inherited | variables) as server:
        eventually(lambda: (folder / "started").exists() or server.poll())
        server.kill()
    ended = folder / "ended"
    return eventually(lambda: ended.read_text() if ended.exists() else None)


def test_a_run_whose_server_is_killed_is_stopped_and_comes_to_its_end(tmp_path: Path) -> None:
    assert ending(tmp_path, 60, PREFECT__FLOW_RUN_ID="run") == "was stopped and said so"


def test_the_process_of_a_command_goes_on_without_the_shell_it_came_from(tmp_path: Path) -> None:
    assert ending(tmp_path, 3) == "went on and had nobody to tell"
