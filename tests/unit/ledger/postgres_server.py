"""A PostgreSQL server for the tests, in a folder of its own, where its programs are installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_S = 60
SETTINGS = "-c listen_addresses='' -c fsync=off -c max_connections=200"


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, the newest version's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).parent if on_path else None


@contextmanager
def running_postgres(bin_folder: Path) -> Iterator[str]:
    """Runs a server on a Unix socket; yields a template of its URLs with a `{name}` to fill in."""
    # Not pytest's folder: only its owner may enter that one, and the server runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="fermata-pg-"))
    if user := _server_user():
        shutil.chown(folder, user)
    run = _runner(bin_folder, user)
    try:
        run("initdb", "-D", f"{folder}/data", "-U", "fermata", "-A", "trust", "--no-sync")
        options = f"{SETTINGS} -c unix_socket_directories='{folder}'"
        run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://fermata@/{{name}}?host={folder}"
        finally:
            run("pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _version(path: Path) -> int:
    return int(path.parent.parent.name)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    return "postgres" if os.geteuid() == 0 else None


def _runner(bin_folder: Path, user: str | None):
    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [bin_folder / program, *arguments],
            user=user,
            cwd="/",
            check=True,
            timeout=TIMEOUT_S,
            stdout=subprocess.DEVNULL,
        )

    return run
