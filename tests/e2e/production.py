"""The production shape out of processes: Prefect on PostgreSQL, a work pool, and workers.

Beside them a place where notifications arrive.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import psycopg

from config.env_files import tuned_environment, variables_in
from tests.e2e.prefect_api import TIMEOUT_S, PrefectApi, eventually

ROOT = Path(__file__).parents[2]
LOGIN = "fermata:of-the-production-of-the-tests"


class Production(PrefectApi):
    """A Prefect server that is up, with the deployments of `prefect.yaml`."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(f"http://127.0.0.1:{free_port()}/api", lambda: LOGIN)
        self.folder = folder
        self.environment = {
            **os.environ,
            **tuned_environment(),
            **variables_in(ROOT / "deployments" / "worker.env"),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_API_AUTH_STRING": LOGIN,
            "PREFECT_SERVER_API_AUTH_STRING": LOGIN,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url,
            "FERMATA_DATA_DIR": str(folder / "data"),
            "FERMATA_CLAIM_LEASE_S": "2",
            # How long a run waits before it asks again whether another one has ended.
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",
        }

    def set(self, **variables: object) -> None:
        """Settings of all processes that are started from now on."""
        self.environment |= {name: str(value) for name, value in variables.items()}

    @contextmanager
    def server(self) -> Iterator[None]:
        """Runs the Prefect server until the block ends."""
        port = self.api_url.split(":")[2].removesuffix("/api")
        with self._process("server", "server", "start", "--host", "127.0.0.1", "--port", port):
            eventually(self.is_healthy)
            yield

    @contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """Runs a worker of the pool, in a folder that is not the project's."""
        arguments = ("worker", "start", "--pool", "fermata", *options)
        with self._process("worker", *arguments) as process:
            yield process

    @contextmanager
    def as_client(self) -> Iterator[None]:
        """Has Prefect's clients in this process report to it until the block ends."""
        from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

        with temporary_settings({PREFECT_API_URL: self.api_url, PREFECT_API_AUTH_STRING: LOGIN}):
            yield

    def deploy(self) -> None:
        """Does what `prefect.yaml` says to do."""
        self.run("-m", "prefect", "work-pool", "create", "fermata", "--type", "process")
        file = "deployments/prefect.yaml"
        self.run("-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", file)

    def register(self) -> str:
        """Registers limits and automations; returns what that printed."""
        return self.run("-m", "deployments.register")

    def run(self, *arguments: str) -> str:
        """Runs Python with these arguments from the project's root; returns its stderr."""
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stderr

    @contextmanager
    def _process(self, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        with ExitStack() as stack:
            log = stack.enter_context((self.folder / f"{name}.log").open("ab"))
            process = subprocess.Popen(
                [sys.executable, "-m", "prefect", *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            stack.callback(kill, process)
            yield process


class Receiver:
    """Takes what a webhook sends."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                bodies.append(self.rfile.read(length).decode())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait_for(self, text: str) -> str:
        """The first message with this text, once it has come."""
        return eventually(lambda: next((body for body in self.bodies if text in body), None))


def databases(template: str, *names: str) -> None:
    """Creates databases on a server that the tests run."""
    with psycopg.connect(template.format(name="postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a process and all that it started, as a loss of power does.

    The group would not do: a worker gives each run a session of its own, and the run outlives it.
    """
    if process.poll() is None:
        # Whoever is stopped starts nothing more while its descendants are looked for.
        process.send_signal(signal.SIGSTOP)
        family = (process.pid, *_descendants(process.pid))
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    process.wait()


def _descendants(pid: int) -> Iterator[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True)
    children: dict[int, list[int]] = {}
    for line in listed.stdout.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    waiting = [pid]
    while waiting:
        found = children.get(waiting.pop(), [])
        waiting += found
        yield from found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
