"""The production shape out of processes: Prefect on PostgreSQL, a work pool, and workers.

Everything is asked for and looked at through Prefect's API over HTTP, as its UI does.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, TypeVar

import psycopg
import requests

from config.prefect_server import tuned_environment, variables_in

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 90
LOOK_EVERY_S = 0.1
T = TypeVar("T")

FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Production:
    """A Prefect server that is up, with the deployments of `prefect.yaml`."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.api_url = f"http://127.0.0.1:{_free_port()}/api"
        self.environment = {
            **os.environ,
            **tuned_environment(),
            **variables_in(ROOT / "deployments" / "worker.env"),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url,
            "FERMATA_DATA_DIR": str(folder / "data"),
            "FERMATA_CLAIM_LEASE_S": "2",
        }

    def set(self, **variables: object) -> None:
        """Settings of all processes that are started from now on."""
        self.environment |= {name: str(value) for name, value in variables.items()}

    @contextmanager
    def server(self) -> Iterator[None]:
        """Runs the Prefect server until the block ends."""
        port = self.api_url.split(":")[2].removesuffix("/api")
        with self._process("server", "server", "start", "--host", "127.0.0.1", "--port", port):
            eventually(self._is_healthy)
            yield

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Runs a worker of the pool, in a folder that is not the project's."""
        with self._process("worker", "worker", "start", "--pool", "fermata") as process:
            yield process

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

    def get(self, path: str) -> Any:
        return self._answer(requests.get(f"{self.api_url}/{path}", timeout=30))

    def post(self, path: str, **body: Any) -> Any:
        return self._answer(requests.post(f"{self.api_url}/{path}", json=body, timeout=30))

    def deployment(self, name: str) -> dict[str, Any]:
        return dict(self.get(f"deployments/name/{name}/{name}"))

    def start(self, name: str, **parameters: Any) -> str:
        """Starts a run as the UI's button does; returns its id."""
        deployment = self.deployment(name)["id"]
        run = self.post(f"deployments/{deployment}/create_flow_run", parameters=parameters)
        return str(run["id"])

    def state(self, run_id: str) -> dict[str, Any]:
        return dict(self.get(f"flow_runs/{run_id}")["state"])

    def wait_for(self, *run_ids: str) -> list[dict[str, Any]]:
        """The states of runs, once all have ended."""

        def ended() -> list[dict[str, Any]] | None:
            states = [self.state(run_id) for run_id in run_ids]
            return states if all(state["type"] in FINAL for state in states) else None

        return eventually(ended)

    def artifacts(self, run_id: str) -> dict[str, Any]:
        """The artifacts of a run by their keys."""
        found = self.post("artifacts/filter", artifacts={"flow_run_id": {"any_": [run_id]}})
        return {artifact["key"]: artifact for artifact in found}

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

    def _is_healthy(self) -> bool | None:
        try:
            return requests.get(f"{self.api_url}/health", timeout=5).ok or None
        except requests.RequestException:
            return None

    @staticmethod
    def _answer(response: requests.Response) -> Any:
        assert response.ok, response.text
        return response.json()


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
    """Kills a process and all that it started, on the spot."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` finds, once it finds something."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while (found := look()) is None:
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(LOOK_EVERY_S)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
