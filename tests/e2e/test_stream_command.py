"""`fermata stream` as a process: captions for programs, Ctrl-C, wrong use."""

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.cli.main import run
from fermata.localserver import LocalServer, LocalServerConfig
from tests.e2e.command_line import KEY, CommandLine
from tests.flows.running import FlowRunner, StartServer
from tests.flows.seen import eventually
from tests.flows.spoken_words import TwiceHeard

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def fermata(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "elsewhere")


@pytest.fixture
def heard(tmp_path: Path) -> TwiceHeard:
    return TwiceHeard(tmp_path / "recordings")


@pytest.fixture
def call(heard: TwiceHeard) -> Path:
    """A recording of some seconds."""
    return heard.add("call.wav", ("well yes. no. never",) * 2)


@pytest.fixture
def service(fermata: CommandLine, heard: TwiceHeard, call: Path) -> Iterator[LocalServer]:
    """A service that knows the recording."""
    config = LocalServerConfig(api_keys=frozenset({KEY}), references=heard.streamed)
    with LocalServer(config) as server:
        fermata.use(server)
        fermata.set(FERMATA_ASSEMBLYAI_STREAMING_URL=f"{server.websocket_url}/v3/ws")
        fermata.set(FERMATA_LLM_GATEWAY_URL=server.url)
        yield server


def test_json_is_one_object_per_line_and_nothing_else_on_stdout(
    fermata: CommandLine, service: LocalServer, call: Path
):
    options = ("--preset", "balanced", "--summarise", "--json")
    ended = fermata.run("stream", "--source", call, *options)

    assert ended.code == 0, ended.stderr
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(lines) > 1
    assert [line["type"] for line in lines[-2:]] == ["end", "summary"]
    assert lines[-1]["text"]
    assert service.store.streams.open_sessions == 0
    assert KEY not in ended.stdout + ended.stderr


def test_ctrl_c_ends_the_session_in_good_order_and_keeps_the_audio(
    fermata: CommandLine, service: LocalServer, call: Path
):
    running = fermata.start("stream", "--source", call, "--preset", "balanced")
    streams = service.store.streams
    eventually(lambda: any(each.audio_s > 1 for each in streams.records.values()) or None)
    running.interrupt()
    ended = running.wait()

    assert ended.code == 130, ended.stderr
    assert "Traceback" not in ended.stderr
    assert streams.open_sessions == 0
    assert all(record.finished for record in streams.records.values())
    (audio,) = fermata.data_dir.glob("sessions/*/audio.wav")
    with wave.open(str(audio)) as file:
        assert file.getnframes() > file.getframerate() / 2


@pytest.fixture
def used_here(flows: FlowRunner, serve: StartServer) -> LocalServer:
    """A service that is used by this process."""
    server = serve()
    flows.set(FERMATA_ASSEMBLYAI_STREAMING_URL=f"{server.websocket_url}/v3/ws")
    return server


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--source", "nowhere.wav"], "nowhere.wav"),
        (["--source", "{call}", "--provider", "gladia"], "GLADIA_API_KEY"),
        (["--source", "{call}", "--min-turn-silence", "5000"], "max_turn_silence"),
        (["--source", "{call}", "--sped", "2"], "--sped"),
    ],
)
def test_wrong_use_exits_with_2_in_one_line(
    used_here: LocalServer,
    call: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
):
    assert run(["stream", *(argument.format(call=call) for argument in arguments)]) == 2

    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = [line for line in shown.err.splitlines() if line.startswith("fermata: ")]
    assert says in line
    assert not used_here.store.streams.records
