"""Whatever is tried beside it, the settings in force stay as somebody meant them."""

import json
from pathlib import Path
from typing import Any

from config.choices import Publish
from fermata.calibration import MAIN, history, read_latest, scope_named
from fermata.storage import Storage
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer

SLOW_MS, QUICK_MS = (1_500, 1_600), (150, 200)


def in_force(flows: FlowRunner, scope: str = "") -> tuple[int, int]:
    """The two silences that a client of a scope is told."""
    storage = Storage(str(flows.data_dir))
    latest = read_latest(storage, scope_named(storage, scope))
    assert latest is not None
    return latest.overall.min_turn_silence_ms, latest.overall.max_turn_silence_ms


def calls_and_tests(conversations: Conversations) -> tuple[Path, Path]:
    """A folder of real calls, and one that somebody tries things on; their groups are alike."""
    for name in ("calls/ivr/a.wav", "calls/ivr/b.wav"):
        conversations.add(name, gaps_ms=SLOW_MS)
    conversations.add("tests/ivr/c.wav", gaps_ms=QUICK_MS)
    return conversations.folder / "calls", conversations.folder / "tests"


def test_a_folder_for_tests_moves_nothing_but_its_own_settings(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    calls, tests = calls_and_tests(conversations)
    serve()
    flows.calibrate(calls)
    before = (flows.data_dir / MAIN.latest_path).read_bytes()
    flows.calibrate(tests)
    assert flows.reprocess(scope="tests").overall.recordings_analysed == 1
    assert flows.reprocess().overall.recordings_analysed == 2
    assert flows.nightly(tests).state.is_completed()
    assert flows.nightly(calls).state.name == "Nothing new"
    assert (in_force(flows), in_force(flows, "tests")) == ((800, 3_600), (160, 400))
    after = json.loads((flows.data_dir / MAIN.latest_path).read_bytes())
    assert after["groups"].keys() == json.loads(before)["groups"].keys()


def test_a_run_over_less_says_what_it_would_have_changed_and_the_command_does_it(
    conversations: Conversations, serve: StartServer, flows: FlowRunner, capsys: Any
) -> None:
    from fermata.cli.main import run

    calls, _ = calls_and_tests(conversations)
    conversations.add("calls/ivr/d.wav", gaps_ms=QUICK_MS)
    serve()
    flows.calibrate(*(calls / "ivr" / name for name in ("a.wav", "b.wav")))
    less = flows.calibrate(calls / "ivr" / "d.wav")
    assert in_force(flows) == (800, 3_600)
    told = less.result.publishing
    assert not told.is_published
    assert less.message == f"1 of 1 analysed; {told.summary}"
    assert "rest on 2 recordings that this run does not have" in less.message
    assert "all recordings: 800/3600 ms for u3-rt-pro → 160/400 ms" in less.message
    assert less.message.endswith(f"to put it in force: {told.command}")
    assert run(told.command.split()[1:]) == 0
    assert in_force(flows) == (160, 400)
    assert "→ 160/400 ms" in capsys.readouterr().out


def test_what_is_not_to_be_published_is_not_and_the_next_night_makes_up_for_it(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    calls, _ = calls_and_tests(conversations)
    serve()
    flows.calibrate(calls, publish=Publish.NO)
    assert not (flows.data_dir / MAIN.latest_path).exists()
    night = flows.nightly(calls)
    assert night.message == "2 of 2 analysed"
    assert in_force(flows) == (800, 3_600)
    (record,) = history(Storage(str(flows.data_dir)), scope_named(Storage(str(flows.data_dir)), ""))
    assert record.runs["*"] == str(night.run_id)
