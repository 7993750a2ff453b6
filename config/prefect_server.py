"""Finds the Prefect server to report to, or brings up a local one with the tuned settings.

Prefect's own ephemeral server adds 9 to 18 s to each run and ends in tracebacks, so Fermata
starts a lasting one where none is configured: on loopback, in the background, its data in
`.prefect/` at the project's root. It stays up after the run, so that the link to the run
works and the next run starts at once; `make stop` ends it.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import requests
from pydantic import BaseModel

from config import PROJECT_ROOT
from fermata.errors import UsageError

PREFECT_ENV_FILE = PROJECT_ROOT / "config" / "prefect.env"
_HOST = "127.0.0.1"
_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 15.0
_HEALTH_TIMEOUT_S = 2.0
_POLL_S = 0.25


class RunningServer(BaseModel):
    """A server that was started here: what `server.json` in its folder holds."""

    pid: int
    port: int

    @property
    def ui_url(self) -> str:
        """Where a person looks."""
        return f"http://{_HOST}:{self.port}"

    @property
    def api_url(self) -> str:
        """Where a client reports to."""
        return f"{self.ui_url}/api"

    def answers(self) -> bool:
        """Whether the server is up and healthy."""
        try:
            health = requests.get(f"{self.api_url}/health", timeout=_HEALTH_TIMEOUT_S)
        except requests.RequestException:
            return False
        return health.ok


def tuned_environment() -> dict[str, str]:
    """The variables in `config/prefect.env`."""
    return variables_in(PREFECT_ENV_FILE)


def variables_in(env_file: Path) -> dict[str, str]:
    """The variables in a file of lines `NAME=value`, without its comments."""
    lines = env_file.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def server_home() -> Path:
    """The folder that holds the local server's database, log and `server.json`."""
    return Path(os.environ.get("PREFECT_HOME") or PROJECT_ROOT / ".prefect")


def ensure_local_server(preferred_port: int, before_start: Callable[[], None]) -> RunningServer:
    """Returns the local server that answers already, or starts one and waits for it.

    Args:
        preferred_port: taken if it is free, else any free port.
        before_start: called if a server has to be started, which can take 15 s.

    Raises:
        UsageError: it did not come up; the text names its log.
    """
    home = server_home()
    home.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(home):
        running = _recorded_server(home)
        if running and running.answers():
            return running
        before_start()
        return _start(home, _free_port(preferred_port))


def running_server() -> RunningServer | None:
    """The local server that was started here and answers, or None."""
    server = _recorded_server(server_home())
    return server if server and server.answers() else None


def stop_local_server() -> bool:
    """Stops the server that `ensure_local_server` started; says whether there was one."""
    home = server_home()
    running = _recorded_server(home)
    (home / "server.json").unlink(missing_ok=True)
    if running is None or not running.answers():
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while running.answers() and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return True


def _recorded_server(home: Path) -> RunningServer | None:
    record = home / "server.json"
    if not record.exists():
        return None
    return RunningServer.model_validate_json(record.read_text(encoding="utf-8"))


def _start(home: Path, port: int) -> RunningServer:
    log_path = home / "server.log"
    with log_path.open("ab") as log:
        process = _spawn(home, port, log)
    server = RunningServer(pid=process.pid, port=port)
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise UsageError(f"the local Prefect server did not start; its log is {log_path}")
        time.sleep(_POLL_S)
    (home / "server.json").write_text(server.model_dump_json(), encoding="utf-8")
    return server


def _spawn(home: Path, port: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "prefect", "server", "start"]
    environment = {
        **os.environ,
        **tuned_environment(),
        "PREFECT_HOME": str(home),
        # The UI otherwise calls port 4200, wherever it is served from.
        "PREFECT_UI_API_URL": f"http://{_HOST}:{port}/api",
    }
    return subprocess.Popen(  # noqa: S603 - our own interpreter with fixed arguments
        [*command, "--host", _HOST, "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=home,
        # A session of its own: Ctrl-C in the terminal ends the run, not the server.
        start_new_session=True,
    )


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_HOST, port))
            return int(probe.getsockname()[1])
    raise UsageError("no free port on 127.0.0.1 for the local Prefect server")


@contextlib.contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    # Two runs started together must not bring up two servers on one database.
    with (home / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
