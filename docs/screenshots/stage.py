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

from config import PROJECT_ROOT
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
        recordings: planned talks.
        data: the data folder.
    """

    ui_url: str
    recordings: Path
    data: Path

    def deployment_id(self, name: str) -> str:
        """The id of a deployment."""
        answer = requests.get(f"{self.ui_url}/api/deployments/name/{name}/{name}", timeout=30)
        return str(answer.json()["id"])

    def run(self, name: str, **parameters: Any) -> str:
        """Starts a run as the button of the UI does, waits for its end, and returns its id.

        Raises:
            RuntimeError: it did not complete.
        """
        started = requests.post(
            f"{self.ui_url}/api/deployments/{self.deployment_id(name)}/create_flow_run",
            json={"parameters": parameters},
            timeout=30,
        ).json()
        address = f"{self.ui_url}/api/flow_runs/{started['id']}"
        deadline = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < deadline:
            state = requests.get(address, timeout=30).json()["state"]
            if state["type"] in _FINAL:
                if state["type"] != "COMPLETED":
                    raise RuntimeError(f"{name}: {state['name']}: {state['message']}")
                return str(started["id"])
            time.sleep(_LOOK_EVERY_S)
        raise RuntimeError(f"{name}: no end after {_TIMEOUT_S:.0f} s")

    def artifact_id(self, run_id: str, key: str) -> str:
        """The id of a run's artifact."""
        wanted = {"flow_run_id": {"any_": [run_id]}, "key": {"any_": [key]}}
        address = f"{self.ui_url}/api/artifacts/filter"
        (found,) = requests.post(address, json={"artifacts": wanted}, timeout=30).json()
        return str(found["id"])


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
        environment.pop("PREFECT_API_URL", None)
        log = folder / "serve.log"
        process = _serve(environment, log)
        try:
            yield Stage(_ui_url(process, log), recordings, folder / "data")
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
