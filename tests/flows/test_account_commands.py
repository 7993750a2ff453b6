"""An account that may send nothing: every command that meets it stops at once, and says why."""

from pathlib import Path

import pytest

from fermata.cli.main import run
from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from tests.flows.conversations import Conversations
from tests.flows.running import KEY, FlowRunner, StartServer
from tests.flows.spoken_words import TwiceHeard

NO_BALANCE = "Your current account balance is negative."


def test_calibrate_without_credit_exits_with_2(
    conversations: Conversations, serve: StartServer, capsys: pytest.CaptureFixture[str]
) -> None:
    conversations.add("call.wav")
    serve(faults=(parse_fault("submit:status=402"),))
    assert run(["calibrate", str(conversations.folder)]) == 2
    shown = capsys.readouterr()
    (line,) = [line for line in shown.err.splitlines() if line.startswith("fermata: ")]
    assert line.startswith("fermata: no credit: ")
    assert shown.out == ""


@pytest.mark.parametrize(
    ("provider", "fault"),
    [
        ("assemblyai", f"ws-begin:close=1008,text=Unauthorized Connection: {NO_BALANCE}"),
        ("gladia", "gladia-init:status=402"),
    ],
)
def test_stream_without_credit_exits_with_2(
    flows: FlowRunner,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    provider: str,
    fault: str,
) -> None:
    call = TwiceHeard(tmp_path / "recordings").add("call.wav", ("well yes.", "well yes."))
    with LocalServer(LocalServerConfig(faults=(parse_fault(fault),))) as server:
        flows.use(server)
        flows.set(
            FERMATA_ASSEMBLYAI_STREAMING_URL=f"{server.websocket_url}/v3/ws",
            GLADIA_API_KEY=KEY,
            FERMATA_GLADIA_BASE_URL=server.url,
        )
        code = run(["stream", "--source", str(call), "--provider", provider])
        assert server.store.streams.open_sessions == 0
    assert code == 2
    told = capsys.readouterr().err
    assert [line for line in told.splitlines() if line.startswith("no credit")]
    assert "Traceback" not in told
