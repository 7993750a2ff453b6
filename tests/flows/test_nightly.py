"""The flow `nightly`: only what is new costs anything, and a night without news is short."""

import json

import pytest

from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer

NOBODY = "http://127.0.0.1:9"


def test_only_recordings_not_seen_before_are_sent(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(2, "old/call")
    conversations.add_many(3, "new/call")
    server = serve()
    assert flows.nightly(conversations.folder / "old").state.is_completed()
    night = flows.nightly(conversations.folder)
    assert night.state.is_completed()
    assert server.store.submissions.total() == 5
    assert night.result.summary == "5 of 5 analysed"


def test_a_night_without_news_asks_no_service_and_changes_nothing(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(2)
    serve()
    flows.nightly(conversations.folder)
    before = {path: path.read_bytes() for path in flows.parquet_files()}
    flows.set(FERMATA_ASSEMBLYAI_BASE_URL=NOBODY)
    night = flows.nightly(conversations.folder)
    assert night.state.is_completed()
    assert night.state.name == "Nothing new"
    assert night.state.message.startswith("nothing new: 2 found, 0 new, 2 known; 2 other files")
    assert {path: path.read_bytes() for path in flows.parquet_files()} == before


def test_another_goal_is_news_until_it_is_published_and_costs_nothing(
    conversations: Conversations,
    serve: StartServer,
    flows: FlowRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversations.add_many(2)
    serve()
    flows.nightly(conversations.folder)
    flows.set(FERMATA_ASSEMBLYAI_BASE_URL=NOBODY)
    asked = {"goal": "P90 wait <= 1 s"}
    with monkeypatch.context() as killed:
        killed.setattr("flows.nightly.publish_night", lost_power)
        assert flows.nightly(conversations.folder, **asked).state.is_failed()
    assert flows.nightly(conversations.folder, **asked).result.summary == "2 of 2 analysed"
    assert flows.nightly(conversations.folder, **asked).state.name == "Nothing new"


def test_a_night_after_one_killed_before_its_calibration_calibrates(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(2)
    serve()
    flows.nightly(conversations.folder)
    for path in (flows.data_dir / "calibrations").glob("*.parquet"):
        path.unlink()
    night = flows.nightly(conversations.folder)
    assert night.result.summary == "2 of 2 analysed"
    assert len(list((flows.data_dir / "calibrations").glob("*.parquet"))) == 1


def test_a_killed_night_is_made_up_for_whatever_was_calibrated_meanwhile(
    conversations: Conversations,
    serve: StartServer,
    flows: FlowRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversations.add_many(2, "ivr/call")
    conversations.add_many(2, "sales/call")
    server = serve()
    with monkeypatch.context() as killed:
        killed.setattr("flows.nightly.conclude", lost_power)
        assert flows.nightly(conversations.folder / "ivr").state.is_failed()
    flows.calibrate(conversations.folder / "sales")
    flows.set(FERMATA_ASSEMBLYAI_BASE_URL=NOBODY)
    night = flows.nightly(conversations.folder / "ivr")
    assert night.result.summary == "2 of 2 analysed"
    assert list(flows.table("nights")["recordings"]) == [2, 2]
    assert flows.nightly(conversations.folder / "ivr").state.name == "Nothing new"
    assert server.store.submissions.total() == 4


def test_a_night_killed_before_it_published_is_made_up_for(
    conversations: Conversations,
    serve: StartServer,
    flows: FlowRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversations.add_many(2)
    serve()
    with monkeypatch.context() as killed:
        killed.setattr("flows.nightly.publish_night", lost_power)
        assert flows.nightly(conversations.folder).state.is_failed()
    latest = flows.data_dir / "calibrations" / "latest.json"
    assert not latest.exists()
    assert flows.nightly(conversations.folder).result.summary == "2 of 2 analysed"
    assert latest.exists()
    of_all = flows.table("nights").query("group == '*'")
    assert sorted(of_all["recordings"]) == [0, 2]


def test_a_night_that_waits_for_an_answer_is_not_asked_again_by_the_next_one(
    conversations: Conversations,
    serve: StartServer,
    flows: FlowRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from prefect.exceptions import Pause

    conversations.add_many(2)
    serve()
    with monkeypatch.context() as waiting:
        waiting.setattr("flows.nightly.publish_night", suspended)
        with pytest.raises(Pause):
            flows.nightly(conversations.folder)
    assert flows.nightly(conversations.folder).state.name == "Nothing new"


def suspended(*_: object, **__: object) -> None:
    from prefect.exceptions import Pause
    from prefect.states import Suspended

    raise Pause(state=Suspended())


def lost_power(*_: object, **__: object) -> None:
    raise OSError("lost power")


def test_a_damaged_latest_choice_is_written_anew(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(2, "old/call")
    serve()
    flows.nightly(conversations.folder)
    conversations.add_many(1, "new/call")
    latest = flows.data_dir / "calibrations" / "latest.json"
    latest.write_text("{")
    night = flows.nightly(conversations.folder)
    assert night.state.is_completed()
    assert json.loads(latest.read_text())["overall"]["run_id"] == str(night.run_id)


def test_a_night_on_the_sources_of_the_settings_is_kept_shown_and_published_without_asking(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(2, "sales/call")
    serve()
    flows.set(FERMATA_RECORDINGS=str(conversations.folder))
    night = flows.nightly()
    assert night.state.is_completed()
    rows = flows.table("nights")
    assert sorted(rows["group"]) == ["*", "sales"]
    assert set(rows["recordings"]) == {2}
    assert isinstance(json.loads(night.artifact("drift").data), list)
    assert len(list((flows.data_dir / "reports").glob(f"*-{night.run_id}.html"))) == 1
    assert (flows.data_dir / "calibrations" / "latest.json").exists()


def test_a_night_without_any_source_says_what_to_set(flows: FlowRunner) -> None:
    night = flows.nightly()
    assert night.state.is_failed()
    with pytest.raises(Exception, match="FERMATA_RECORDINGS"):
        raise night.result
