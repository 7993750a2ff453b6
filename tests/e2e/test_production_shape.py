"""The production shape, for real: Prefect on PostgreSQL, `prefect deploy`, a worker elsewhere."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from deployments.automations import register_automations
from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from tests.e2e.production import Production, Receiver, databases, eventually, kill
from tests.flows.conversations import Conversations
from tests.unit.ledger.postgres_server import programs, running_postgres

KEY = "dummy-key-of-the-tests-0123456789"
HELD_S = 60
SILENCE = timedelta(seconds=12)

pytestmark = [pytest.mark.soak, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Server, work pool and deployments; the ledger is in PostgreSQL too."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed: no initdb on the PATH or where Debian has it")
    with running_postgres(folder) as template:
        databases(template, "prefect", "fermata")
        prefect_url = template.format(name="prefect").replace("postgresql:", "postgresql+asyncpg:")
        made = Production(tmp_path_factory.mktemp("production"), prefect_url)
        made.set(FERMATA_LEDGER_URL=template.format(name="fermata"))
        with made.server():
            made.deploy()
            made.register()
            yield made


@pytest.fixture
def service(production: Production, conversations: Conversations) -> Iterator[LocalServer]:
    """A transcription service that knows the recordings of two folders."""
    for folder in ("nightly", "doomed"):
        conversations.add_many(3, f"{folder}/{folder}")
    conversations.add("slow/slow.wav", (3_000, 2_800))
    with LocalServer(LocalServerConfig(references=conversations.folder)) as server:
        production.set(
            ASSEMBLYAI_API_KEY=KEY,
            FERMATA_ASSEMBLYAI_BASE_URL=server.url,
            FERMATA_POLL_INTERVAL_S="0.1",
            FERMATA_RECORDINGS=conversations.folder / "nightly",
        )
        yield server


def rows(production: Production, table: str) -> pd.DataFrame:
    return pd.read_parquet(Path(production.environment["FERMATA_DATA_DIR"]) / table)


def test_a_worker_that_was_away_for_three_nights_makes_up_for_them_with_one_run(
    production: Production, service: LocalServer
) -> None:
    runs = production.miss("nightly", nights=3)
    with production.worker():
        states = production.wait_for(*runs)
    by_name = dict(zip([state["name"] for state in states], runs, strict=True))
    assert sorted(state["name"] for state in states) == ["Completed", "Missed", "Missed"]
    done, missed = by_name["Completed"], by_name["Missed"]
    assert "made up for by nightly 2" in production.state(missed)["message"]
    assert "3 of 3 analysed" in production.state(done)["message"]
    assert {"calibration", "calibration-summary"} <= set(production.artifacts(done))
    assert service.store.submissions.total() == 3
    assert set(rows(production, "recordings")["run_id"]) == {done}
    data = Path(production.environment["FERMATA_DATA_DIR"])
    assert (data / "calibrations" / "latest.json").exists()
    assert len(list((data / "transcripts").glob("*.json.gz"))) == 3


def test_a_run_that_dies_with_its_worker_is_marked_and_the_next_one_bills_nothing_twice(
    production: Production, service: LocalServer, conversations: Conversations
) -> None:
    from prefect.client.orchestration import get_client

    folder = [str(conversations.folder / "doomed")]
    service.faults.add(parse_fault(f"poll:stall_s={HELD_S}"))
    with production.as_client(), get_client(sync_client=True) as client:
        assert list(register_automations(client, SILENCE))
    with production.worker() as worker:
        doomed = production.start("nightly", recordings=folder)
        eventually(lambda: service.store.submissions.total() == 3 or None)
        kill(worker)
    assert production.state(doomed)["type"] == "RUNNING"
    (state,) = production.wait_for(doomed)
    assert state["type"] == "CRASHED"
    assert "no heartbeat" in state["message"]
    production.register()
    service.faults.clear()
    with production.worker():
        (state,) = production.wait_for(production.start("nightly", recordings=folder))
    assert (state["type"], state["message"]) == ("COMPLETED", "3 of 3 analysed")
    assert sorted(service.store.submissions.values()) == [1] * 3
    assert not rows(production, "recordings").duplicated("recording_id").any()


def test_an_answer_given_while_another_night_runs_goes_through_after_it(
    production: Production, service: LocalServer, conversations: Conversations
) -> None:
    slow = [str(conversations.folder / "slow")]
    with production.worker():
        asking = production.start("nightly", recordings=slow, approval="required")
        eventually(lambda: production.state(asking)["type"] == "PAUSED" or None)
        other = production.hold_the_turn("nightly")
        answer = {"publish": True, "reason": "heard it"}
        assert production.post(f"flow_runs/{asking}/resume", run_input=answer)["status"] == "ACCEPT"
        eventually(lambda: production.state(asking)["name"] == "AwaitingConcurrencySlot" or None)
        production.set_state(other, "CANCELLED")
        (state,) = production.wait_for(asking)
    assert state["type"] == "COMPLETED"
    assert "published (approved: heard it)" in state["message"]
    data = Path(production.environment["FERMATA_DATA_DIR"])
    latest = json.loads((data / "calibrations" / "latest.json").read_text())
    assert latest["overall"]["run_id"] == asking


def test_people_are_told_of_a_failed_night_and_of_new_settings(production: Production) -> None:
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    with Receiver() as receiver:
        with production.as_client():
            CustomWebhookNotificationBlock(
                name="night-watch", url=receiver.url, json_data={"text": "{{subject}}\n{{body}}"}
            ).save("night-watch")
        production.set(FERMATA_NOTIFICATION_BLOCK="custom-webhook/night-watch")
        production.register()
        emit_recommendation(production)
        assert "min_turn_silence_ms: 640" in receiver.wait_for("support: conservative")
        with production.worker():
            production.start("nightly", recordings=[str(production.folder / "nowhere")])
            told = receiver.wait_for("Failed")
        assert "nowhere" in told
        assert "/runs/flow-run/" in told
    assert len(production.post("automations/filter")) == 5


def emit_recommendation(production: Production) -> None:
    code = (
        "from prefect.events import emit_event\n"
        "emit_event('fermata.recommendation.changed',"
        " resource={'prefect.resource.id': 'fermata.group.support',"
        " 'prefect.resource.name': 'support: conservative'},"
        " payload={'min_turn_silence_ms': 640})"
    )
    production.run("-c", code)
