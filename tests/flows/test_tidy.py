"""Tidying beside the flows: nothing is billed again, and no row is lost."""

from datetime import UTC, datetime, timedelta

from config.choices import Engine
from config.services import ServiceAddress, client_for
from config.wiring import ledger, storage
from fermata.cli.main import run
from fermata.upkeep import Keep, deleting_with, plan_tidying, tidy
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer


def test_after_transcripts_went_here_and_at_the_service_runs_go_on_as_before(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(3)
    server = serve()
    first = flows.calibrate(conversations.folder)
    later = datetime.now(UTC) + timedelta(days=2)
    tidying = plan_tidying(storage(), ledger(), Keep(transcripts_days=1), later)
    client = client_for(ServiceAddress(Engine.ASSEMBLYAI, server.url))
    assert tidy(tidying, storage(), deleting_with(client)).summary == "3 transcripts deleted"
    assert all(each.deleted for each in server.store.transcripts.values())
    assert not list((flows.data_dir / "transcripts").glob("*.gz"))
    for again in (flows.calibrate(conversations.folder), flows.reprocess()):
        assert again.result.summary == "3 of 3 analysed"
        assert again.overall.statistics == first.overall.statistics
    assert server.store.submissions.total() == 3
    assert len(flows.table("recordings")) == 3


def test_transcripts_at_another_service_are_not_forgotten(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("call.wav")
    serve()
    flows.calibrate(conversations.folder)
    later = datetime.now(UTC) + timedelta(days=2)
    tidying = plan_tidying(storage(), ledger(), Keep(transcripts_days=1), later)
    client = client_for(ServiceAddress(Engine.ASSEMBLYAI, serve().url))
    (problem,) = tidy(tidying, storage(), deleting_with(client)).problems
    assert "tidy once with that address" in problem
    assert len(list((flows.data_dir / "transcripts").glob("*.gz"))) == 1


def test_the_command_says_what_it_would_do_and_does_it(flows: FlowRunner, capsys) -> None:
    flows.set(FERMATA_KEEP_SESSIONS_DAYS=30)
    folder = flows.data_dir / "sessions" / "old"
    folder.mkdir(parents=True)
    state = '{"session": "old", "state": "ended", "ended_at": "2020-01-01T00:00:00+00:00"}'
    (folder / "session.json").write_text(state)
    assert run(["tidy", "--dry-run"]) == 0
    assert "1 live sessions to delete" in capsys.readouterr().out
    assert folder.exists()
    assert run(["tidy"]) == 0
    assert not folder.exists()
    assert run(["tidy"]) == 0
    assert capsys.readouterr().out.endswith("nothing to do\n")
