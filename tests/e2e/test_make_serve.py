"""`make serve` on a laptop: from nothing to every deployment, started as the UI starts them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.catalogue import catalogue
from fermata.localserver import LocalServer, LocalServerConfig
from tests.e2e.prefect_api import PrefectApi, eventually
from tests.e2e.production import ROOT, free_port
from tests.flows.conversations import Conversations

KEY = "dummy-key-of-the-tests-0123456789"
DINNER = ROOT / "tests" / "recordings" / "ivr" / "dinner_order.wav"
LAST_LINE = "Ctrl-C ends"

pytestmark = pytest.mark.timeout(420)


@dataclass
class Laptop:
    """A folder of its own, in which Fermata is served."""

    folder: Path
    environment: dict[str, str]
    api: PrefectApi

    def serve(self) -> "subprocess.Popen[bytes]":
        """Serves until it is stopped; returns once all deployments are there."""
        with (self.folder / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "deployments.serve"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(lambda: LAST_LINE in self.log or process.poll() or None)
        assert process.poll() is None, self.log
        wanted = {each.name for each in catalogue()}
        eventually(lambda: self._deployed() == wanted or None)
        return process

    def stop_server(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "deployments.stop"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            timeout=60,
            check=True,
        )

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text()

    def _deployed(self) -> set[str]:
        return {each["name"] for each in self.api.post("deployments/filter")}


@pytest.fixture
def service(conversations: Conversations) -> Iterator[LocalServer]:
    conversations.add_many(3)
    config = LocalServerConfig(references=conversations.folder, api_keys=frozenset({KEY}))
    with LocalServer(config) as server:
        yield server


@pytest.fixture
def laptop(tmp_path: Path, service: LocalServer, conversations: Conversations) -> Iterator[Laptop]:
    port = free_port()
    own = {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "FERMATA_PREFECT_PORT": str(port),
        "FERMATA_DATA_DIR": str(tmp_path / "data"),
        "FERMATA_RECORDINGS": str(conversations.folder),
        "ASSEMBLYAI_API_KEY": KEY,
        "FERMATA_ASSEMBLYAI_BASE_URL": service.url,
        "FERMATA_ASSEMBLYAI_STREAMING_URL": f"{service.websocket_url}/v3/ws",
        "FERMATA_POLL_INTERVAL_S": "0.1",
    }
    foreign = ("PREFECT_API_URL",)
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    made = Laptop(tmp_path, inherited | own, PrefectApi(f"http://127.0.0.1:{port}/api"))
    yield made
    made.stop_server()


def test_every_deployment_runs_from_its_form_and_schedules_outlive_the_worker(
    laptop: Laptop, service: LocalServer, conversations: Conversations
) -> None:
    worker = laptop.serve()
    try:
        api = laptop.api
        recordings = [str(conversations.folder)]
        source = {"kind": "recording", "path": str(DINNER)}
        nightly = api.start("nightly")
        assert api.wait_for(nightly)[0]["type"] == "COMPLETED"
        live = [
            api.start("stream", source=source, duration_s=2),
            api.start("calibrate-and-stream", recordings=recordings, source=source, duration_s=2),
        ]
        again = api.start("reprocess")
        recorded = [nightly, again, api.start("calibrate", recordings=recordings)]
        assert {state["type"] for state in api.wait_for(*live, *recorded)} == {"COMPLETED"}
        for run in recorded:
            assert {"calibration", "calibration-summary"} <= set(api.artifacts(run))
        assert {"session", "session-transcript"} <= set(api.artifacts(live[0]))
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(30)
    data = laptop.folder / "data"
    assert json.loads((data / "calibrations" / "latest.json").read_text())
    assert service.store.submissions.total() == 3
    assert service.store.streams.open_sessions == 0
    assert len(list((data / "sessions").iterdir())) == 2
    schedule = api.deployment("nightly")["schedules"][0]
    assert schedule["active"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 2 * * *", "UTC")
    assert "nightly: by the schedule 30 2 * * *, UTC" in laptop.log
    assert len(api.post("automations/filter")) == 5
