"""Finds the Prefect server to report to, or brings up a local one with the tuned settings.

Prefect's own ephemeral server adds 9 to 18 s to each run and ends in tracebacks, so Fermata
starts a lasting one where none is configured: on loopback, in the background, its data in
`.prefect/` at the project's root. It stays up after the run, so that the link to the run
works and the next run starts at once; `make stop` ends it. It asks for a login, and only pages
of its own UI may ask it anything (`config.prefect_login`).
"""

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import SecretStr, ValidationError

from config import PROJECT_ROOT
from config.prefect_login import LOGIN_FILE, kept_login
from config.prefect_spawning import HOST, spawn
from config.running_server import RunningServer
from fermata.errors import UsageError
from fermata.private_files import make_private_folder

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 15.0
_POLL_S = 0.25
_RECORD = "server.json"
_LOG = "server.log"
_ALIVE = "server.alive"
_LOCK = "server.lock"


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

    One that an older version started asks for no login. It makes way for one that does, unless
    it is in use: its runs and whoever serves deployments know no login.

    Args:
        preferred_port: taken if it is free, else any free port.

    Raises:
        UsageError: its folder can't be used.
    """
    with _its_folder() as home, _one_at_a_time(home):
        recorded = _recorded_server(home)
        if recorded is None or not _is_there(home, recorded):
            return _start(home, _free_port(preferred_port))
        if not recorded.asks_nobody() or recorded.is_in_use():
            return recorded
        _stop(home, recorded)
        return _start(home, _free_port(recorded.port))


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


def login_for(server: RunningServer) -> SecretStr | None:
    """The login that a server takes; None where an older version started it, which asks for none.

    Sent only to the one that holds the lock in its folder: anybody may listen on the port of one
    that is gone.

    Raises:
        UsageError: it takes another one than that in its folder.
    """
    if server.asks_nobody():
        return None
    home = server_home()
    login = kept_login(home) if _is_alive(home) else None
    if login is None or server.refuses(login):
        raise UsageError(
            f"the Prefect server at {server.ui_url} does not take the login in "
            f"{home / LOGIN_FILE}: end it with `make stop`, and try again"
        )
    return login


def running_server() -> RunningServer | None:
    """The local server that was started here and answers, or None."""
    server = _recorded_server(server_home())
    return server if server and server.answers() else None


def check_server_folder() -> None:
    """Makes sure that a local server can be started in its folder.

    Raises:
        UsageError: it can't be made, or not be written to.
    """
    with _its_folder() as home:
        (home / _LOCK).open("a").close()


def stop_local_server() -> bool:
    """Stops the server that `find_or_start` started; says whether there was one.

    Raises:
        UsageError: its folder can't be used.
    """
    with _its_folder() as home:
        running = _recorded_server(home)
        (home / _RECORD).unlink(missing_ok=True)
    if running is None or not (_is_alive(home) or running.answers()):
        return False
    _stop(home, running)
    return True


def _is_there(home: Path, recorded: RunningServer) -> bool:
    # Servers from before this lock asked for no login; who does and holds no lock is not ours.
    return _is_alive(home) or recorded.asks_nobody()


def _stop(home: Path, running: RunningServer) -> None:
    _end(running)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while (_is_alive(home) or running.answers()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _recorded_server(home: Path) -> RunningServer | None:
    try:
        return RunningServer.model_validate_json((home / _RECORD).read_bytes())
    except (OSError, ValidationError):
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
        process = spawn(home, port, log, alive)
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
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _end(server: RunningServer) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise UsageError("no free port on 127.0.0.1 for the local Prefect server")


@contextlib.contextmanager
def _its_folder() -> Iterator[Path]:
    """The folder, made if need be; what goes wrong in it is told as what has to be put right."""
    home = server_home()
    try:
        make_private_folder(home)
        yield home
    except OSError as error:
        raise UsageError(
            f"the local Prefect server's folder {home} can't be used ({error.strerror or error}): "
            "make it a folder that you may write to, or name another in PREFECT_HOME"
        ) from error


@contextlib.contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    # Two runs started together must not bring up two servers on one database.
    with (home / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
