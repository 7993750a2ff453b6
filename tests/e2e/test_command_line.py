"""`fermata calibrate` as a person or a program starts it: output, exit codes, interruption."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from fermata.tables import CALIBRATIONS
from tests.e2e.command_line import KEY, CommandLine
from tests.flows.conversations import Conversations
from tests.flows.seen import eventually

RECORDINGS = Path(__file__).parents[1] / "recordings"

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def fermata(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "elsewhere")


@pytest.fixture
def service(conversations: Conversations, fermata: CommandLine) -> Iterator[LocalServer]:
    """A service with two good recordings and a file that is none."""
    conversations.add("sales/first.wav", gaps_ms=[200, 300])
    conversations.add("support/second.wav", gaps_ms=[1_200, 1_500])
    (conversations.folder / "support" / "third.wav").write_text("no sound")
    with LocalServer(LocalServerConfig(references=conversations.folder)) as server:
        fermata.use(server)
        yield server


@pytest.mark.usefixtures("service")
def test_json_is_one_object_on_stdout_with_the_promised_names(
    fermata: CommandLine, conversations: Conversations
) -> None:
    ended = fermata.run("calibrate", conversations.folder, "--json")
    assert ended.code == 0
    assert ended.stdout.count("\n") == 1
    result = ended.json
    assert set(result) >= {"run_id", "overall", "groups", "recordings"}
    assert set(result["overall"]) >= set(CALIBRATIONS.schema.names)
    assert [group["group"] for group in result["groups"]] == ["sales", "support"]
    assert [
        {name: each[name] for name in ("name", "group", "status")} for each in result["recordings"]
    ] == [
        {"name": "sales/first.wav", "group": "sales", "status": "analysed"},
        {"name": "support/second.wav", "group": "support", "status": "analysed"},
        {"name": "support/third.wav", "group": "support", "status": "failed"},
    ]
    assert all({"reason", "transcript_id"} <= set(each) for each in result["recordings"])


def test_a_wrong_key_exits_with_2_in_one_line_without_a_traceback(
    fermata: CommandLine, conversations: Conversations
) -> None:
    conversations.add("call.wav")
    with LocalServer(LocalServerConfig(api_keys=frozenset({"another-key"}))) as server:
        fermata.use(server)
        ended = fermata.run("calibrate", conversations.folder, "--json")
    assert (ended.code, ended.stdout) == (2, "")
    (line,) = ended.complaints
    assert "ASSEMBLYAI_API_KEY" in line
    assert KEY not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_ctrl_c_exits_with_130_in_one_line_and_the_next_run_goes_on(
    fermata: CommandLine, conversations: Conversations
) -> None:
    contents = conversations.add_many(3)
    held = parse_fault("poll:stall_s=60")
    config = LocalServerConfig(references=conversations.folder, faults=(held,))
    with LocalServer(config) as server:
        fermata.use(server)
        running = fermata.start("calibrate", conversations.folder)
        eventually(lambda: server.store.submissions.total() == len(contents) or None)
        running.interrupt()
        interrupted = running.wait()
        assert (interrupted.code, interrupted.stdout) == (130, "")
        (line,) = interrupted.complaints
        assert "interrupted" in line
        assert "Traceback" not in interrupted.stderr
        server.faults.clear()
        again = fermata.run("calibrate", conversations.folder, "--json")
        assert again.json["summary"] == "3 of 3 analysed"
        assert server.store.submissions == dict.fromkeys(contents, 1)


def test_ctrl_c_ends_the_local_engine_without_a_sound(fermata: CommandLine) -> None:
    running = fermata.start("calibrate", RECORDINGS, "--engine", "local")
    seen = running.read_until("transcript ")
    running.interrupt()
    ended = running.wait()
    assert ended.code == 130
    assert len(ended.complaints) == 1
    assert "Traceback" not in seen + ended.stderr


def test_the_installed_command_works_from_any_folder(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("fermata")
    ended = subprocess.run(
        [command, "calibrate", "nowhere"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "nowhere" in ended.stderr
