"""The flow `reprocess`: the same rows from the archive, and other transcripts by consent only."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fermata.cli.main import run
from fermata.localserver import Era
from tests.flows.conversations import Conversations
from tests.flows.running import KEY, FlowRunner, StartServer

NO_PRICE = "universal-3-pro"
NOBODY = "http://127.0.0.1:9"
TODAY = datetime.now(UTC).date()
# A tenth of a second each, at a dollar a second.
AGAIN = {"speech_models": "universal-2", "price_usd_per_hour": 3_600.0}


def view_files(flows: FlowRunner) -> dict[Path, bytes]:
    """The files of the tables that follow from ledger and archive."""
    return {
        path: path.read_bytes()
        for path in flows.parquet_files()
        if path.parent.name not in {"calibrations", "calibrated_recordings"}
    }


def test_tables_are_made_again_without_a_service_or_the_audio(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(3)
    serve()
    first = flows.calibrate(conversations.folder)
    before = view_files(flows)
    for path in (*before, *conversations.folder.glob("*.wav")):
        path.unlink()
    flows.set(FERMATA_ASSEMBLYAI_BASE_URL=NOBODY)
    again = flows.reprocess()
    assert again.state.is_completed()
    assert again.result.summary == "3 of 3 analysed"
    assert again.overall.statistics == first.overall.statistics
    assert view_files(flows) == before


def test_a_lost_ledger_bills_nothing_again_and_is_told_in_one_line(
    conversations: Conversations,
    serve: StartServer,
    flows: FlowRunner,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = conversations.add_many(2)
    server = serve()
    first = flows.calibrate(conversations.folder)
    before = view_files(flows)
    runs = (lambda: flows.calibrate(conversations.folder), flows.reprocess)
    for again in runs:
        for path in flows.data_dir.glob("ledger.sqlite*"):
            path.unlink()
        flows.set()
        caplog.clear()
        run = again()
        assert run.result.summary == "2 of 2 analysed"
        assert run.overall.statistics == first.overall.statistics
        (line,) = [each for each in caplog.messages if "the ledger had lost" in each]
        assert "nothing is sent" in line
    assert server.store.submissions == dict.fromkeys(ids, 1)
    assert view_files(flows) == before


def test_a_damaged_transcript_that_is_deleted_as_told_is_fetched_again_unbilled(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    ids = conversations.add_many(2)
    server = serve()
    first = flows.calibrate(conversations.folder)
    (path, _) = sorted(flows.data_dir.glob("transcripts/*.gz"))
    path.write_bytes(path.read_bytes()[:40])
    run = flows.reprocess()
    assert run.message == "1 of 2 analysed, 1 failed"
    (reason,) = [each.reason for each in run.result.recordings if each.reason]
    assert "delete it so that the next run over the recording fetches it again" in reason
    path.unlink()
    again = flows.calibrate(conversations.folder)
    assert again.message == "2 of 2 analysed"
    assert again.overall.statistics == first.overall.statistics
    assert server.store.submissions == dict.fromkeys(ids, 1)
    before = view_files(flows)
    for path in before:
        path.unlink()
    assert flows.calibrate(conversations.folder).overall.statistics == first.overall.statistics
    assert view_files(flows) == before


def test_only_the_group_asked_for_takes_part_and_the_others_settings_stay(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("sales/one.wav", gaps_ms=[200, 300])
    conversations.add("support/two.wav", gaps_ms=[1_900, 2_100])
    serve()
    first = flows.calibrate(conversations.folder)
    again = flows.reprocess(group="sales")
    assert again.result.summary == "1 of 1 analysed"
    assert set(again.groups) == {"sales"}
    latest = json.loads((flows.data_dir / "calibrations" / "latest.json").read_text())
    assert latest["overall"]["run_id"] == str(first.run_id)
    assert latest["groups"]["sales"]["run_id"] == str(again.run_id)
    assert latest["groups"]["support"]["run_id"] == str(first.run_id)


def test_a_range_of_days_without_transcripts_is_wrong_use(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("call.wav")
    serve()
    flows.calibrate(conversations.folder)
    assert flows.reprocess(since=TODAY - timedelta(days=1)).state.is_completed()
    assert flows.reprocess(since=TODAY + timedelta(days=2)).state.is_failed()
    assert run(["reprocess", "--until", "2020-01-01"]) == 2


def test_nothing_is_sent_again_before_its_cost_is_accepted_and_then_once(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(6)
    server = serve()
    flows.calibrate(conversations.folder)
    offer = flows.reprocess(**AGAIN)
    too_little = flows.reprocess(**AGAIN, accept_cost_usd=0.59)
    assert offer.state.is_completed()
    assert (offer.result.recordings, offer.result.usd) == (6, 0.6)
    assert "accept_cost_usd=0.60" in offer.message
    assert "0.60 USD" in offer.artifact("cost-estimate").data
    assert too_little.result == offer.result
    assert server.store.submissions.total() == 6
    for _ in range(2):
        again = flows.reprocess(**AGAIN, accept_cost_usd=0.6)
        assert again.state.is_completed()
        assert again.result.summary == "6 of 6 analysed"
    assert server.store.submissions.total() == 12
    assert len(flows.table("recordings")) == 12


def test_a_model_without_a_price_needs_one(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("call.wav")
    # When it was still taken.
    server = serve(era=Era.SUMMER)
    flows.calibrate(conversations.folder)
    unknown = flows.reprocess(speech_models=NO_PRICE, accept_cost_usd=100.0)
    assert "price_usd_per_hour" in unknown.message
    assert server.store.submissions.total() == 1
    known = flows.reprocess(speech_models=NO_PRICE, accept_cost_usd=0.01, price_usd_per_hour=0.6)
    assert known.result.summary == "1 of 1 analysed"


def test_recordings_that_are_gone_or_replaced_are_listed_and_not_sent(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(3)
    server = serve()
    flows.calibrate(conversations.folder)
    (conversations.folder / "call_00.wav").unlink()
    conversations.add("other.wav")
    (conversations.folder / "other.wav").replace(conversations.folder / "call_01.wav")
    again = flows.reprocess(speech_models="universal-2")
    reasons = {each.name: each.reason for each in again.result.gone}
    assert again.result.recordings == 1
    assert "no such file" in reasons["call_00.wav"]
    assert "another content" in reasons["call_01.wav"]
    flows.reprocess(speech_models="universal-2", accept_cost_usd=1.0)
    assert server.store.submissions.total() == 4


def test_the_command_shows_the_estimate_and_what_to_pass(
    conversations: Conversations, serve: StartServer, capsys
) -> None:
    conversations.add("call.wav")
    server = serve()
    assert run(["calibrate", str(conversations.folder)]) == 0
    capsys.readouterr()
    assert run(["reprocess", "--speech-models", "universal-2"]) == 0
    shown = capsys.readouterr().out
    assert "1 recordings (0.00 h) to transcribe again for 0.01 USD" in shown
    assert "--accept-cost-usd 0.01" in shown
    assert KEY not in shown
    assert server.store.submissions.total() == 1
