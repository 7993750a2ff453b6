"""`make serve` on a laptop: from nothing to every deployment, started as the UI starts them."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from deployments.catalogue import catalogue
from fermata.localserver import LocalServer, LocalServerConfig
from tests.e2e.prefect_api import TIMEOUT_S, PrefectApi, eventually
from tests.e2e.production import ROOT, free_port
from tests.flows.conversations import Conversations

KEY = "dummy-key-of-the-tests-0123456789"
DINNER = ROOT / "tests" / "recordings" / "ivr" / "dinner_order.wav"
SPOKEN = {"kind": "recording", "path": str(DINNER)}
LAST_LINE = "Ctrl-C ends"

pytestmark = pytest.mark.timeout(420)


@dataclass
class Laptop:
    """A folder of its own, in which Fermata is served."""

    folder: Path
    environment: dict[str, str]
    api: PrefectApi

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serves all deployments until the block ends, then as one who leaves for the day."""
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
        try:
            eventually(lambda: LAST_LINE in self.log or process.poll() or None)
            assert process.poll() is None, self.log
            wanted = {each.name for each in catalogue()}
            eventually(lambda: self._deployed() == wanted or None)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(TIMEOUT_S)

    def stop_server(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "deployments.stop"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            timeout=TIMEOUT_S,
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
        "FERMATA_REPORTS_PORT": "0",
    }
    foreign = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING")
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    login = tmp_path / "prefect" / "server.login"
    api = PrefectApi(f"http://127.0.0.1:{port}/api", lambda: login.read_text().strip())
    made = Laptop(tmp_path, inherited | own, api)
    yield made
    made.stop_server()


def test_a_night_and_a_live_session_run_from_their_forms_and_schedules_outlive_the_worker(
    laptop: Laptop, service: LocalServer
) -> None:
    api = laptop.api
    with laptop.served():
        runs = [api.start("nightly"), api.start("stream", source=SPOKEN, duration_s=2)]
        assert {state["type"] for state in api.wait_for(*runs)} == {"COMPLETED"}
        shown, login = api.artifacts(runs[0]), tuple(api.login().split(":", 1))
        assert {"calibration", "calibration-summary", "calibration-report"} <= set(shown)
        (link,) = re.findall(r"\((\S+/reports/\S+)\)", shown["calibration-report"]["data"])
        assert f"[Open the report]({link})" in shown["calibration-summary"]["data"]
        assert requests.get(link, timeout=TIMEOUT_S).status_code == 401
        page = requests.get(link, auth=login, timeout=TIMEOUT_S)
        assert "Turn detection for 3 recordings" in page.text
        assert {"session", "session-transcript"} <= set(api.artifacts(runs[1]))
    assert service.store.submissions.total() == 3
    assert service.store.streams.open_sessions == 0
    schedule = api.deployment("nightly")["schedules"][0]
    assert schedule["active"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 2 * * *", "UTC")
    assert "nightly: by the schedule 30 2 * * *, UTC" in laptop.log
    assert len(api.post("automations/filter")) == 5


@pytest.mark.soak
def test_a_live_session_that_is_cancelled_in_the_ui_ends_as_stopped_with_what_was_said(
    laptop: Laptop, service: LocalServer
) -> None:
    api, streams = laptop.api, service.store.streams
    with laptop.served():
        run = api.start("stream", source=SPOKEN)
        eventually(lambda: any(each.audio_s > 1 for each in streams.records.values()) or None)
        api.cancel(run)
        (state,) = api.wait_for(run)
        artifacts = api.artifacts(run)
    assert {each.close_code for each in streams.records.values()} == {1000}
    assert all(each.finished and not each.is_open for each in streams.records.values())
    assert (state["type"], state["name"]) == ("CANCELLED", "Stopped")
    assert re.fullmatch(r"\d+ turns, (about )?\d+ s billed, stopped", state["message"])
    assert {"session", "session-transcript"} <= set(artifacts)
    assert list((laptop.folder / "data" / "streamed_turns").glob("*.parquet"))
    assert "Crash detected" not in laptop.log


@pytest.mark.soak
def test_every_deployment_runs_from_its_form(
    laptop: Laptop, service: LocalServer, conversations: Conversations
) -> None:
    api = laptop.api
    recordings = [str(conversations.folder)]
    with laptop.served():
        nightly = api.start("nightly")
        assert api.wait_for(nightly)[0]["type"] == "COMPLETED"
        live = [
            api.start("stream", source=SPOKEN, duration_s=2),
            api.start("calibrate-and-stream", recordings=recordings, source=SPOKEN, duration_s=2),
        ]
        again = api.start("reprocess")
        recorded = [nightly, again, api.start("calibrate", recordings=recordings)]
        assert {state["type"] for state in api.wait_for(*live, *recorded)} == {"COMPLETED"}
        for run in recorded:
            assert {"calibration", "calibration-summary"} <= set(api.artifacts(run))
    data = laptop.folder / "data"
    assert json.loads((data / "calibrations" / "latest.json").read_text())
    assert service.store.submissions.total() == 3
    assert service.store.streams.open_sessions == 0
    assert len(list((data / "sessions").iterdir())) == 2
