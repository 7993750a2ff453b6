"""Prefect's server is killed amid a run: the run comes to its end all the same."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.prefect_server import ensure_local_server
from config.running_server import RunningServer
from fermata.localserver import LocalServer, LocalServerConfig
from tests.e2e.command_line import KEY
from tests.flows.conversations import Conversations
from tests.flows.seen import eventually
from tests.flows.spoken_words import TwiceHeard


@pytest.fixture
def own_prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server that no other test needs."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    # Who names the local server by its address need not hand out its login.
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    server = ensure_local_server(0, lambda: None)
    yield server
    kill(server)


def kill(server: RunningServer) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def test_a_run_whose_prefect_server_is_killed_ends_with_its_figures(
    own_prefect: RunningServer, tmp_path: Path, conversations: Conversations
) -> None:
    contents = conversations.add_many(3)
    config = LocalServerConfig(references=conversations.folder, processing_time_s=2)
    with LocalServer(config) as service:
        running = started(
            *("calibrate", conversations.folder, "--json"),
            FERMATA_DATA_DIR=tmp_path / "data",
            ASSEMBLYAI_API_KEY=KEY,
            FERMATA_ASSEMBLYAI_BASE_URL=service.url,
            FERMATA_POLL_INTERVAL_S=0.1,
            PREFECT_API_URL=own_prefect.api_url,
        )
        eventually(lambda: service.store.submissions.total() == len(contents) or None)
        kill(own_prefect)
        stdout, stderr = running.communicate()
        assert service.store.submissions == dict.fromkeys(contents, 1)
    assert running.returncode == 0, stderr
    assert json.loads(stdout)["summary"] == "3 of 3 analysed"
    assert "Traceback" not in stderr
    assert "Error logging to API" not in stderr
    assert "the Prefect server stopped answering" in stderr


@pytest.mark.soak
def test_a_session_whose_prefect_server_is_killed_goes_on_to_its_end(
    own_prefect: RunningServer, tmp_path: Path
) -> None:
    heard = TwiceHeard(tmp_path / "recordings")
    call = heard.add("call.wav", ("well yes. no. never",) * 2)
    with LocalServer(LocalServerConfig(references=heard.streamed)) as service:
        running = started(
            *("stream", "--source", call, "--preset", "balanced", "--json"),
            FERMATA_DATA_DIR=tmp_path / "data",
            ASSEMBLYAI_API_KEY=KEY,
            FERMATA_ASSEMBLYAI_BASE_URL=service.url,
            FERMATA_ASSEMBLYAI_STREAMING_URL=f"{service.websocket_url}/v3/ws",
            PREFECT_API_URL=own_prefect.api_url,
        )
        streams = service.store.streams
        eventually(lambda: any(each.audio_s > 1 for each in streams.records.values()) or None)
        kill(own_prefect)
        stdout, stderr = running.communicate()
        (record,) = streams.records.values()
    assert (record.finished, record.is_open, record.close_code) == (True, False, 1000)
    assert running.returncode == 0, stderr
    told = [json.loads(line) for line in stdout.splitlines()]
    assert told[-1]["type"] == "end"
    said = [each["text"] for each in told if each["type"] == "turn" and each["state"] == "final"]
    assert " ".join(said) == "well yes. no. never"
    assert "s billed" in stderr
    assert "Traceback" not in stderr
    assert "Error logging to API" not in stderr
    assert "the Prefect server stopped answering" in stderr
    assert list((tmp_path / "data" / "streamed_turns").glob("*.parquet"))


def started(*arguments: object, **variables: object) -> subprocess.Popen[str]:
    """The installed command: what Prefect prints depends on what it finds as it is imported."""
    return subprocess.Popen(
        [Path(sys.executable).with_name("fermata"), *map(str, arguments)],
        env=os.environ | {name: str(value) for name, value in variables.items()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
