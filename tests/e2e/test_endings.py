"""Every ending that a process can notice ends a command in good order, in one line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.localserver import LocalServer, LocalServerConfig
from tests.e2e.command_line import KEY, CommandLine, Running
from tests.e2e.prefect_api import PrefectApi
from tests.flows.conversations import Conversations
from tests.flows.seen import eventually

DINNER = Path(__file__).parents[1] / "recordings" / "ivr" / "dinner_order.wav"
INTERRUPT_AMID_IMPORTS = """
import os, signal, sys

def interrupt(event, arguments):
    if event == "import" and arguments[0] == sys.argv[1] and left:
        os.kill(os.getpid(), left.pop())

left = [signal.SIGINT] * int(sys.argv[2])
sys.addaudithook(interrupt)
from fermata.cli import main
main(sys.argv[3:])
"""


@pytest.fixture
def fermata(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "elsewhere")


@pytest.fixture
def service(fermata: CommandLine) -> Iterator[LocalServer]:
    with LocalServer(LocalServerConfig(api_keys=frozenset({KEY}))) as server:
        fermata.use(server)
        fermata.set(FERMATA_ASSEMBLYAI_STREAMING_URL=f"{server.websocket_url}/v3/ws")
        yield server


def streaming(fermata: CommandLine, service: LocalServer, **how: object) -> Running:
    """A session that is under way."""
    running = fermata.start("stream", "--source", DINNER, "--preset", "balanced", **how)
    records = service.store.streams.records
    eventually(lambda: any(each.audio_s > 1 for each in records.values()) or None)
    return running


def assert_in_good_order(service: LocalServer, stderr: str) -> None:
    """The session was ended by its client, who says so and nothing else."""
    assert service.store.streams.open_sessions == 0
    assert all(record.finished for record in service.store.streams.records.values())
    assert "Traceback" not in stderr
    assert "Crash" not in stderr


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
    ids=lambda each: getattr(each, "name", None),
)
def test_a_signal_ends_a_session_though_sigint_is_inherited_as_ignored(
    fermata: CommandLine, service: LocalServer, number: signal.Signals, code: int
) -> None:
    running = streaming(fermata, service, ignoring=(signal.SIGINT,))
    running.send(number)
    ended = running.wait()
    assert ended.code == code, ended.stderr
    assert_in_good_order(service, ended.stderr)
    assert "s billed, stopped" in ended.stderr.splitlines()[-1]


@pytest.mark.usefixtures("prefect_server")
def test_nohup_keeps_its_promise(fermata: CommandLine, service: LocalServer) -> None:
    running = streaming(fermata, service, ignoring=(signal.SIGHUP,))
    running.send(signal.SIGHUP)
    running.send(signal.SIGTERM)
    assert running.wait().code == 143


@pytest.mark.usefixtures("prefect_server")
def test_a_reader_that_goes_away_ends_a_session(fermata: CommandLine, service: LocalServer) -> None:
    arguments = ("stream", "--source", DINNER, "--preset", "balanced", "--json")
    running = fermata.start(*arguments, piped=True)
    with (fermata.folder.with_name("out-1.txt")).open() as lines:
        assert json.loads(next(lines))
    assert running.wait_at_most(90)
    assert_in_good_order(service, running.stderr)
    assert running.exit_code == 141


@pytest.mark.usefixtures("prefect_server")
def test_sigterm_ends_a_batch_in_one_line_and_the_next_run_goes_on(
    fermata: CommandLine, conversations: Conversations
) -> None:
    contents = conversations.add_many(2)
    config = LocalServerConfig(references=conversations.folder, processing_time_s=3)
    with LocalServer(config) as server:
        fermata.use(server)
        running = fermata.start("calibrate", conversations.folder)
        eventually(lambda: server.store.submissions.total() == len(contents) or None)
        running.send(signal.SIGTERM)
        ended = running.wait()
    assert (ended.code, ended.stdout) == (143, "")
    assert ended.complaints == ["fermata: interrupted; the next run goes on from here"]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("module", ["cyclopts", "config.wiring", "sqlalchemy"])
def test_ctrl_c_amid_the_imports_is_one_line(module: str, times: int, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPT_AMID_IMPORTS, module, str(times), "calibrate", DINNER],
        cwd=tmp_path,
        env=os.environ | {"PREFECT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr.startswith("fermata: interrupted")
    assert ended.stderr.count("\n") == 1


def test_a_batch_that_is_cancelled_in_prefect_ends_as_cancelled(
    fermata: CommandLine, conversations: Conversations, prefect_server: str
) -> None:
    contents = conversations.add_many(2)
    config = LocalServerConfig(references=conversations.folder, processing_time_s=600)
    with LocalServer(config) as server:
        fermata.use(server)
        running = fermata.start("calibrate", conversations.folder)
        eventually(lambda: server.store.submissions.total() == len(contents) or None)
        run = cancelled_by_a_person(prefect_server, str(conversations.folder))
        ended = running.wait()
    assert (ended.code, ended.stdout) == (143, "")
    assert "Traceback" not in ended.stderr
    assert "UnfinishedRun" not in ended.stderr
    assert run_state(prefect_server, run)["type"] == "CANCELLED"


def test_a_session_that_is_cancelled_in_prefect_ends_as_stopped_with_what_was_said(
    fermata: CommandLine, service: LocalServer, prefect_server: str
) -> None:
    running = streaming(fermata, service)
    run = cancelled_by_a_person(prefect_server, str(DINNER))
    ended = running.wait()
    assert ended.code == 143, ended.stderr
    assert_in_good_order(service, ended.stderr)
    state = run_state(prefect_server, run)
    assert (state["type"], state["name"]) == ("CANCELLED", "Stopped")
    assert "s billed, stopped" in state["message"]
    assert list(fermata.data_dir.glob("streamed_turns/*.parquet"))


def cancelled_by_a_person(prefect_server: str, of: str) -> str:
    """Does what Cancel in the UI does to the newest run with this in its name."""
    api = PrefectApi(f"{prefect_server}/api")
    found = api.post("flow_runs/filter", sort="START_TIME_DESC", limit=20)
    (run, *_) = [each["id"] for each in found if of in each["name"]]
    api.cancel(run)
    return str(run)


def run_state(prefect_server: str, run: str) -> dict[str, str]:
    return dict(PrefectApi(f"{prefect_server}/api").get(f"flow_runs/{run}")["state"])
