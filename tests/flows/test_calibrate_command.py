"""`fermata calibrate` in the test's process: what it shows, and how it exits."""

import json
from pathlib import Path
from typing import Any

import pytest

from fermata.cli.main import run
from fermata.localserver import parse_fault
from tests.flows.conversations import Conversations
from tests.flows.running import KEY, FlowRunner, StartServer

Capture = pytest.CaptureFixture[str]


def complaints(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.startswith("fermata: ")]


def test_a_person_sees_each_recording_the_table_and_where_all_is_written(
    conversations: Conversations, serve: StartServer, flows: FlowRunner, capsys: Capture
) -> None:
    conversations.add("sales/first.wav", gaps_ms=[200, 300])
    conversations.add("support/second.wav", gaps_ms=[1_200, 1_500])
    (conversations.folder / "support" / "third.wav").write_text("no sound")
    serve()
    assert run(["calibrate", str(conversations.folder)]) == 0
    shown = capsys.readouterr()
    assert "Prefect UI: http://127.0.0.1:" in shown.err
    assert "sales/first.wav: transcribed" in shown.err
    assert "2 of 3 analysed, 1 failed" in shown.out
    assert "Selected configuration: Balanced" in shown.out
    unwrapped = shown.out.replace("\n", "")
    assert str(flows.data_dir / "calibrations" / "latest.json") in unwrapped
    assert complaints(shown.err) == []


def test_a_run_that_could_analyse_nothing_exits_with_1(
    conversations: Conversations, flows: FlowRunner, capsys: Capture
) -> None:
    (conversations.folder / "bad.wav").write_text("no sound")
    assert run(["calibrate", str(conversations.folder), "--engine", "local"]) == 1
    assert "0 of 1 analysed, 1 failed" in capsys.readouterr().out


def test_a_key_revoked_in_mid_run_exits_with_2(
    conversations: Conversations, serve: StartServer, capsys: Capture
) -> None:
    conversations.add("call.wav")
    serve(faults=(parse_fault("submit:status=401"),))
    assert run(["calibrate", str(conversations.folder)]) == 2
    shown = capsys.readouterr()
    (line,) = complaints(shown.err)
    assert "ASSEMBLYAI_API_KEY" in line
    assert shown.out == ""


def test_an_unreachable_service_exits_with_2_and_says_what_to_check(
    conversations: Conversations, flows: FlowRunner, capsys: Capture
) -> None:
    conversations.add("call.wav")
    flows.set(ASSEMBLYAI_API_KEY=KEY, FERMATA_ASSEMBLYAI_BASE_URL="http://127.0.0.1:9")
    assert run(["calibrate", str(conversations.folder)]) == 2
    (line,) = complaints(capsys.readouterr().err)
    assert "127.0.0.1:9" in line
    assert "check the address" in line


@pytest.mark.parametrize(
    "address",
    ["api.assemblyai.com", "http://api.example.com", "https://user:secret@api.example.com"],
)
def test_an_address_that_no_key_may_go_to_exits_with_2(
    conversations: Conversations, flows: FlowRunner, capsys: Capture, address: str
) -> None:
    conversations.add("call.wav")
    flows.set(ASSEMBLYAI_API_KEY=KEY, FERMATA_ASSEMBLYAI_BASE_URL=address)
    assert run(["calibrate", str(conversations.folder)]) == 2
    (line,) = complaints(capsys.readouterr().err)
    assert "secret" not in line


def test_a_recording_named_by_a_link_is_told_by_its_last_part(
    conversations: Conversations, serve: StartServer, tmp_path: Path, capsys: Capture
) -> None:
    server = serve()
    secret = "X-Signature=of-this-address-alone"
    code = run(["calibrate", f"{server.url}/nowhere/call.wav?{secret}", "--json"])
    shown = capsys.readouterr()
    assert code == 1
    assert '"name": "call.wav"' in shown.out
    assert secret not in shown.out + shown.err


def listed(stdout: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(stdout)["recordings"]}


def test_a_link_to_a_known_recording_stands_in_json_under_its_own_name(
    conversations: Conversations, serve: StartServer, capsys: Capture
) -> None:
    content = conversations.add("sales/call.wav")
    server = serve()
    assert run(["calibrate", str(conversations.folder), "--json"]) == 0
    assert set(listed(capsys.readouterr().out)) == {"sales/call.wav"}
    (conversations.folder / "starred").mkdir()
    (conversations.folder / "starred" / "best.wav").symlink_to(
        conversations.folder / "sales" / "call.wav"
    )
    assert run(["calibrate", str(conversations.folder), "--json"]) == 0
    found = listed(capsys.readouterr().out)
    assert set(found) == {"sales/call.wav", "starred/best.wav"}
    assert {each["transcript_id"] for each in found.values()} == {
        found["sales/call.wav"]["transcript_id"]
    }
    assert {each["status"] for each in found.values()} == {"analysed"}
    assert server.store.submissions == {content: 1}


def test_a_recording_is_sent_again_where_the_setting_names_its_lost_transcript(
    conversations: Conversations, serve: StartServer, flows: FlowRunner, capsys: Capture
) -> None:
    from config.wiring import ledger

    content = conversations.add("call.wav")
    server = serve(processing_time_s=600)
    flows.set(FERMATA_POLL_DEADLINE_S=0.1)
    assert run(["calibrate", str(conversations.folder), "--json"]) == 1
    transcript_id = listed(capsys.readouterr().out)["call.wav"]["transcript_id"]
    # A day later the service has lost it.
    server.store.transcripts.clear()
    with ledger()._database.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET submitted_at = submitted_at - 90000")
    assert run(["calibrate", str(conversations.folder), "--json"]) == 1
    reason = listed(capsys.readouterr().out)["call.wav"]["reason"]
    advised = f"FERMATA_SEND_AGAIN={transcript_id}"
    assert advised in reason
    assert server.store.submissions == {content: 1}
    flows.set(FERMATA_SEND_AGAIN=transcript_id)
    assert run(["calibrate", str(conversations.folder), "--json"]) == 1
    assert server.store.submissions == {content: 2}
