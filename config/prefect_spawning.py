"""The process of the local Prefect server: its command, and what of the environment it is given.

It needs neither the services' keys nor the ledger's address, so it does not get them: what is
not in its environment cannot leak from it.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from config.env_files import tuned_environment
from config.prefect_login import CLIENT_VARIABLE, SERVER_VARIABLE, made_login

HOST = "127.0.0.1"
"""The local server is reached from this machine only."""

_PRIVATE = 0o077
_NEEDED = frozenset(
    {
        *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TZ", "USER", "VIRTUAL_ENV"),
        *("TEMP", "TMP", "TMPDIR"),
        # Notifications leave from the server: the way out, and whom to trust on it.
        *("ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
        *("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "DO_NOT_TRACK"),
    }
)
NAMES_OF_A_DATABASE = frozenset(
    {
        "PREFECT_API_DATABASE_CONNECTION_URL",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL",
        "PREFECT_SERVER_DATABASE_DRIVER",
        "PREFECT_SERVER_DATABASE_NAME",
    }
)
_NEEDED_KINDS = ("DYLD_", "LC_", "LD_", "PREFECT_", "PYTHON", "SSL_", "XDG_")


def spawn(home: Path, port: int, log: IO[bytes], alive: IO[str]) -> subprocess.Popen[bytes]:
    """Starts a server and waits for nothing.

    Args:
        home: the folder for its database and login.
        port: of `HOST`.
        log: takes what it prints.
        alive: a locked file, which it keeps open as long as it lives.
    """
    command = [sys.executable, "-m", "prefect", "server", "start"]
    return subprocess.Popen(  # noqa: S603 - our own interpreter with fixed arguments
        [*command, "--host", HOST, "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=server_environment(home, port),
        cwd=home,
        # A session of its own: Ctrl-C in the terminal ends the run, not the server.
        start_new_session=True,
        pass_fds=(alive.fileno(),),
        # Its database holds Secret blocks, and the key to them.
        umask=_PRIVATE,
    )


def server_environment(home: Path, port: int) -> dict[str, str]:
    """What a server has in its environment, and no more of this process's than it needs.

    Args:
        home: the folder for its database and login.
        port: of `HOST`.
    """
    return _needed(os.environ) | tuned_environment() | _own(home, port)


def _needed(environment: Mapping[str, str]) -> dict[str, str]:
    def is_needed(name: str) -> bool:
        return name.upper() in _NEEDED or name.startswith(_NEEDED_KINDS)

    return {name: value for name, value in environment.items() if is_needed(name)}


def _own(home: Path, port: int) -> dict[str, str]:
    login = made_login(home).get_secret_value()
    return {
        "PREFECT_HOME": str(home),
        **_database(),
        # The UI otherwise calls port 4200, wherever it is served from.
        "PREFECT_UI_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port},http://localhost:{port}",
        SERVER_VARIABLE: login,
        # Services inside the server that are clients of it.
        CLIENT_VARIABLE: login,
    }


def _database() -> dict[str, str]:
    """Where its database is, unless somebody said so: in the folder that it is started in.

    Prefect would paste that folder's path into the URL, where `?` and `%41` lead elsewhere.
    """
    if not NAMES_OF_A_DATABASE.isdisjoint(os.environ):
        return {}
    return {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///prefect.db"}
