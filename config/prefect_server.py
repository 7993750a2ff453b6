"""Finds the Prefect server to report to, or brings up a local one with the tuned settings.

Prefect's own ephemeral server adds 9 to 18 s to each run and ends in tracebacks, so Fermata
starts a lasting one where none is configured: on loopback, in the background, its data in
`.prefect/` at the project's root. It stays up after the run, so that the link to the run
works and the next run starts at once; `make stop` ends it.
"""

import contextlib
import fcntl
import http
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ValidationError

from config import PROJECT_ROOT
from fermata.errors import UsageError

PREFECT_ENV_FILE = PROJECT_ROOT / "config" / "prefect.env"
_HOST = "127.0.0.1"
_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 15.0
_HEALTH_TIMEOUT_S = 2.0
_POLL_S = 0.25
_RECORD = "server.json"
_LOG = "server.log"
_ALIVE = "server.alive"
_NAMES_OF_A_DATABASE = frozenset(
    {
        "PREFECT_API_DATABASE_CONNECTION_URL",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL",
        "PREFECT_SERVER_DATABASE_DRIVER",
        "PREFECT_SERVER_DATABASE_NAME",
    }
)


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
        connection = http.client.HTTPConnection(_HOST, self.port, timeout=_HEALTH_TIMEOUT_S)
        try:
            connection.request("GET", "/api/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


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
        before_start: called if a server has to be waited for, which can take 15 s.

    Raises:
        UsageError: it did not come up; the text names its log.
    """
    server = find_or_start(preferred_port)
    if not server.answers():
        before_start()
        wait_until_it_answers(server)
    return server


def find_or_start(preferred_port: int) -> RunningServer:
    """Returns the local server that is up or coming up, or starts one; waits for neither.

    Args:
        preferred_port: taken if it is free, else any free port.
    """
    home = server_home()
    home.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(home):
        recorded = _recorded_server(home)
        if recorded and (recorded.answers() or _is_alive(home)):
            return recorded
        return _start(home, _free_port(preferred_port))


def wait_until_it_answers(server: RunningServer) -> None:
    """Waits for a server that is coming up.

    Raises:
        UsageError: it ended instead, or does not answer after two minutes.
    """
    home = server_home()
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not server.answers():
        if not _is_alive(home) or time.monotonic() > deadline:
            _end(server)
            raise UsageError(f"the local Prefect server did not start; its log is {home / _LOG}")
        time.sleep(_POLL_S)


def running_server() -> RunningServer | None:
    """The local server that was started here and answers, or None."""
    server = _recorded_server(server_home())
    return server if server and server.answers() else None


def stop_local_server() -> bool:
    """Stops the server that `find_or_start` started; says whether there was one."""
    home = server_home()
    running = _recorded_server(home)
    (home / _RECORD).unlink(missing_ok=True)
    if running is None or not (_is_alive(home) or running.answers()):
        return False
    _end(running)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while (_is_alive(home) or running.answers()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return True


def _recorded_server(home: Path) -> RunningServer | None:
    try:
        return RunningServer.model_validate_json((home / _RECORD).read_bytes())
    except (FileNotFoundError, ValidationError):
        # One that a crash left damaged tells as little as one that is not there.
        return None


def _record(home: Path, server: RunningServer) -> None:
    whole = home / f"{_RECORD}.{os.getpid()}"
    whole.write_text(server.model_dump_json(), encoding="utf-8")
    whole.replace(home / _RECORD)


def _start(home: Path, port: int) -> RunningServer:
    # A new file: one whose record was lost may still hold the lock on the old one.
    (home / _ALIVE).unlink(missing_ok=True)
    with (home / _LOG).open("ab") as log, (home / _ALIVE).open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        process = _spawn(home, port, log, alive)
    # At once: whoever comes while it starts, or after this run was interrupted, waits for it
    # too instead of starting another on the same database.
    server = RunningServer(pid=process.pid, port=port)
    _record(home, server)
    # It outlives this process, so nobody here will ask how it ended.
    process.returncode = 0
    return server


def _is_alive(home: Path) -> bool:
    """Whether a server that was started here still runs; it inherited a lock, which ends with it.

    Its number alone would not tell: after a restart of the machine another process has it.
    """
    try:
        with (home / _ALIVE).open("r") as alive:
            fcntl.flock(alive, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _end(server: RunningServer) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)


def _spawn(home: Path, port: int, log: IO[bytes], alive: IO[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "prefect", "server", "start"]
    environment = {
        **os.environ,
        **tuned_environment(),
        "PREFECT_HOME": str(home),
        **_database(),
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
        pass_fds=(alive.fileno(),),
    )


def _database() -> dict[str, str]:
    """Where its database is, unless somebody said so: in the folder that it is started in.

    Prefect would paste that folder's path into the URL, where `?` and `%41` lead elsewhere.
    """
    if not _NAMES_OF_A_DATABASE.isdisjoint(os.environ):
        return {}
    return {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///prefect.db"}


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
