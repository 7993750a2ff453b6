"""`calibrate` replays the recordings: which rule is taken, why, and who learns of it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from fermata.cli.main import run
from fermata.localserver import LocalServer, LocalServerConfig
from fermata.report.terminal import render_result
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer
from tests.flows.seen import FlowRun
from tests.flows.talks import thoughtful_talk

Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Learned:
    """A data folder in which one run has learned from talks."""

    runner: FlowRunner
    talks: Conversations
    run: FlowRun


@pytest.fixture(scope="module")
def learned(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learned]:
    """Eight calls in which people pause for longer than the service waits by itself."""
    folder = tmp_path_factory.mktemp("learned")
    talks = Conversations(folder / "recordings")
    for seed in range(8):
        talks.add_transcript(f"support/call_{seed}.wav", thoughtful_talk(seed))
    config = LocalServerConfig(references=talks.folder)
    with LocalServer(config) as server, FlowRunner(folder / "data") as runner:
        runner.use(server)
        yield Learned(runner, talks, runner.calibrate(talks.folder))


@pytest.fixture
def again(learned: Learned, tmp_path: Path) -> Iterator[FlowRunner]:
    """Runs flows on a copy of that data folder, in which no settings are in force."""
    ignored = shutil.ignore_patterns("calibrations")
    shutil.copytree(learned.runner.data_dir, tmp_path / "copied", ignore=ignored)
    with FlowRunner(tmp_path / "copied") as runner:
        yield runner


def latest(flows: FlowRunner) -> dict:
    return json.loads((flows.data_dir / "calibrations" / "latest.json").read_text())


def test_where_the_calls_suffice_the_replay_is_taken_and_both_rules_are_shown(
    learned: Learned,
) -> None:
    group = learned.run.groups["support"]
    assert group.choice.chosen_by == "replay"
    assert group.choice.max_turn_silence_ms >= 1_400
    assert group.guide.preset == "aggressive"
    row = latest(learned.runner)["groups"]["support"]
    assert row["preset"] == "custom"
    assert row["max_turn_silence_ms"] == group.choice.max_turn_silence_ms
    assert row["streaming_parameters"]["max_turn_silence"] == group.choice.max_turn_silence_ms
    summary = learned.run.artifact("calibration-summary").data
    assert "Guide's rule: Aggressive, 160/400 ms" in summary
    assert "Chosen by: replay" in summary


def test_the_reason_is_told_once_on_each_page_and_its_tables_are_narrow(learned: Learned) -> None:
    run = learned.run
    reason = run.overall.replayed.advice.reason
    screen = StringIO()
    Console(file=screen, width=400).print(render_result(run.result))
    (page,) = (learned.runner.data_dir / "reports").glob("*.html")
    summary = run.artifact("calibration-summary").data
    for told in (screen.getvalue(), unescape(page.read_text()), summary):
        assert told.count(reason) == 1
    replayed = [line for line in summary.splitlines() if " present 100/1000 |" in line]
    assert replayed
    assert max(map(len, replayed)) < 80
    assert page.name in summary


def test_a_session_is_launched_with_the_pair_that_was_learned(learned: Learned) -> None:
    from config.choices import PresetChoice
    from config.turns import TurnRequest, choose_turns

    choice = learned.run.groups["support"].choice
    turns = choose_turns(TurnRequest(PresetChoice.AUTO, "support"))
    assert turns.settings.max_turn_silence_ms == choice.max_turn_silence_ms
    assert turns.note is None
    other = choose_turns(
        TurnRequest(PresetChoice.AUTO, "support", speech_model="universal-streaming-english")
    )
    assert other.note
    assert other.note.endswith("the settings were learned by the rule of u3-rt-pro")


def test_the_report_opens_without_the_network_and_quotes_the_pauses_that_decide(
    learned: Learned, capsys: Capture
) -> None:
    assert run(["report"]) == 0
    page = Path(capsys.readouterr().out.strip()).read_text(encoding="utf-8")
    assert "The pauses that decide" in page
    assert "the present setting cuts in here" in page.lower()
    assert page.count("<svg") == 3
    for outside in ("http://", "https://", "<script", 'src="/'):
        assert outside not in page.replace("http://www.w3.org/", "").replace(
            "http://purl.org/", ""
        ).replace("http://creativecommons.org/", "").replace("https://matplotlib.org/", "")


def test_the_guides_rule_is_taken_when_asked_for(learned: Learned, again: FlowRunner) -> None:
    result = again.calibrate(learned.talks.folder, choose_by="average-gap")
    assert result.overall.choice.preset == "aggressive"
    assert result.overall.replayed.advice.verdict == "change"


def test_a_goal_and_the_customer_reach_the_choice(learned: Learned, again: FlowRunner) -> None:
    result = again.calibrate(learned.talks.folder, goal="mean wait <= 300 ms", customer="A")
    advice = result.overall.replayed.advice
    assert str(advice.goal) == "mean wait <= 300 ms"
    assert advice.turns < learned.run.overall.replayed.advice.turns
    assert advice.best.mean_wait_ms.interval.high <= 300
    assert "replayed: turns of speaker A" in result.result.notes


def test_a_customer_who_is_in_no_call_is_told_with_the_labels_that_are(
    learned: Learned, again: FlowRunner
) -> None:
    result = again.calibrate(learned.talks.folder, customer="Z")
    reasons = {name: group.replayed.advice.reason for name, group in result.groups.items()}
    assert reasons
    for reason in (result.overall.replayed.advice.reason, *reasons.values()):
        assert reason.startswith("no call has a speaker Z: the speakers are called A, B; name")


def test_too_few_calls_leave_the_guides_rule_and_say_how_many_more_are_needed(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    for seed in range(3):
        conversations.add_transcript(f"call_{seed}.wav", thoughtful_talk(seed))
    serve()
    overall = flows.calibrate(conversations.folder).overall
    assert overall.choice.preset == "aggressive"
    assert overall.replayed.advice.verdict == "not-enough-calls"
    assert overall.replayed.advice.calls_needed >= 3
    assert "Not by replay: 3 calls" in overall.choice.reasoning


def test_transcripts_without_short_pauses_are_refused_and_the_guides_rule_stays(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    for seed in range(8):
        talk = thoughtful_talk(seed, pauses_ms=(1_500, 2_900), breath_ms=30)
        conversations.add_transcript(f"call_{seed}.wav", talk)
    serve()
    overall = flows.calibrate(conversations.folder, choose_by="replay").overall
    assert overall.choice.chosen_by == "average-gap"
    assert overall.replayed.advice.verdict == "refused"
    assert overall.replayed.advice.reason.startswith("short-pauses: ")


def test_a_goal_that_cannot_be_read_is_told_before_anything_is_sent(
    conversations: Conversations, serve: StartServer, capsys: Capture
) -> None:
    conversations.add("call.wav")
    server = serve()
    assert run(["calibrate", str(conversations.folder), "--goal", "as quick as can be"]) == 2
    assert "is no goal: write `one cut-in = 5 s`" in capsys.readouterr().err
    assert server.store.submissions.total() == 0


def test_without_any_run_there_is_no_report_to_tell_of(flows: FlowRunner, capsys: Capture) -> None:
    assert run(["report"]) == 2
    assert "no report yet" in capsys.readouterr().err
