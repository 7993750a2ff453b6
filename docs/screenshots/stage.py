"""What the pictures show: a laptop in a temporary folder, on which Fermata is served."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr

from config import PROJECT_ROOT
from config.prefect_login import CLIENT_VARIABLE, LOGIN_FILE, basic_authorization
from docs.screenshots.talks import write_talks
from fermata.localserver import LocalServer, LocalServerConfig

CALLS_OF_EACH_KIND = 14
KEY = "any-key-will-do"

_TIMEOUT_S = 180.0
_LOOK_EVERY_S = 0.5
_UI = "/deployments; Ctrl-C ends this worker."
_SERVED = "polling for scheduled runs"
_FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A Prefect server with Fermata's deployments.

    Attributes:
        ui_url: its address.
        login: what its UI asks for.
        recordings: planned talks.
        data: the data folder.
    """

    ui_url: str
    login: str
    recordings: Path
    data: Path

    def deployment_id(self, name: str) -> str:
        """The id of a deployment."""
        return str(self._answer("GET", f"deployments/name/{name}/{name}")["id"])

    def run(self, name: str, **parameters: Any) -> str:
        """Starts a run as the button of the UI does, waits for its end, and returns its id.

        Raises:
            RuntimeError: it did not complete.
        """
        address = f"deployments/{self.deployment_id(name)}/create_flow_run"
        started = self._answer("POST", address, {"parameters": parameters})
        deadline = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < deadline:
            state = self._answer("GET", f"flow_runs/{started['id']}")["state"]
            if state["type"] in _FINAL:
                if state["type"] != "COMPLETED":
                    raise RuntimeError(f"{name}: {state['name']}: {state['message']}")
                return str(started["id"])
            time.sleep(_LOOK_EVERY_S)
        raise RuntimeError(f"{name}: no end after {_TIMEOUT_S:.0f} s")

    def artifact_id(self, run_id: str, key: str) -> str:
        """The id of a run's artifact."""
        wanted = {"flow_run_id": {"any_": [run_id]}, "key": {"any_": [key]}}
        (found,) = self._answer("POST", "artifacts/filter", {"artifacts": wanted})
        return str(found["id"])

    def _answer(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = basic_authorization(SecretStr(self.login))
        address = f"{self.ui_url}/api/{path}"
        return requests.request(method, address, json=body, headers=headers, timeout=30).json()


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Brings it all up in a folder, and down again.

    Args:
        folder: an empty one.
    """
    recordings = folder / "calls"
    write_talks(recordings, CALLS_OF_EACH_KIND)
    with LocalServer(LocalServerConfig(references=recordings)) as service:
        environment = os.environ | {
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
            "FERMATA_DATA_DIR": str(folder / "data"),
            "FERMATA_RECORDINGS": str(recordings),
            "FERMATA_ASSEMBLYAI_BASE_URL": service.url,
            "FERMATA_NIGHTLY_TIMEZONE": "Europe/Berlin",
            "ASSEMBLYAI_API_KEY": KEY,
        }
        for configured in ("PREFECT_API_URL", CLIENT_VARIABLE):
            environment.pop(configured, None)
        log = folder / "serve.log"
        process = _serve(environment, log)
        try:
            ui_url = _ui_url(process, log)
            login = (folder / "prefect" / LOGIN_FILE).read_text().strip()
            yield Stage(ui_url, login, recordings, folder / "data")
        finally:
            process.terminate()
            process.wait(timeout=60)
            _module("deployments.stop", environment)


def _serve(environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "deployments.serve"],
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _ui_url(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + _TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        said = log.read_text()
        if _SERVED in said:
            return said.partition(_UI)[0].rpartition("Start runs from ")[2]
        time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"nothing is served:\n{log.read_text()}")


def _module(name: str, environment: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603 - a module of ours
        [sys.executable, "-m", name],
        cwd=PROJECT_ROOT,
        env=environment,
        timeout=60,
        check=True,
        capture_output=True,
    )
