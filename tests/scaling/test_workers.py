"""Workers of one pool, as on several machines: data in S3, ledger and Prefect on PostgreSQL."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from deployments.catalogue import WORK_POOL, RunsOn, catalogue
from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from tests.e2e.prefect_api import eventually
from tests.e2e.production import Production, databases, kill
from tests.flows.conversations import Conversations
from tests.scaling.places import SharedPlace

KEY = "dummy-key-of-the-tests-0123456789"
RECORDINGS = 6
CHUNK_SIZE = 2
HELD_S = 120
GIVEN_UP_AFTER_S = 8

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def production(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Server, work pool and deployments."""
    databases(postgres, "prefect")
    prefect_url = postgres.format(name="prefect").replace("postgresql:", "postgresql+asyncpg:")
    made = Production(tmp_path_factory.mktemp("production"), prefect_url)
    with made.server():
        made.deploy()
        yield made


@dataclass
class Pool:
    """Workers that share a place, and the service that they all use."""

    production: Production
    place: SharedPlace
    server: LocalServer
    ids: list[str]

    def worker(self, name: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """A worker that runs one flow at a time."""
        return self.production.worker("--limit", "1", "--name", name)

    def start(self, deployment: str = "calibrate") -> str:
        return self.production.start(deployment, recordings=[self.place.recordings])

    def started(self, run_id: str) -> None:
        """Waits until a worker has begun a run."""
        eventually(lambda: self.production.state(run_id)["type"] == "RUNNING" or None)

    def parts(self, *states: str) -> list[dict[str, Any]]:
        """The runs of parts of a batch in these states."""
        found = self.production.post(
            "flow_runs/filter", flows={"name": {"any_": ["transcribe-chunk"]}}
        )
        return [run for run in found if run["state"]["type"] in states]

    def assert_each_was_done_once(self) -> None:
        assert self.server.store.submissions == dict.fromkeys(self.ids, 1)
        self.place.assert_each_is_there_once(self.ids)
        latest = json.loads(self.place.storage.read("calibrations/latest.json"))
        assert latest["overall"]["recordings_analysed"] == RECORDINGS
        assert self.place.files("chunks") == ()


@pytest.fixture
def pool(
    production: Production, place: SharedPlace, conversations: Conversations
) -> Iterator[Pool]:
    ids = conversations.add_many(RECORDINGS)
    place.upload(conversations.folder)
    with LocalServer(LocalServerConfig(references=conversations.folder)) as server:
        production.set(
            **place.settings,
            ASSEMBLYAI_API_KEY=KEY,
            FERMATA_ASSEMBLYAI_BASE_URL=server.url,
            FERMATA_POLL_INTERVAL_S="0.1",
            FERMATA_CHUNK_DEPLOYMENT="",
        )
        yield Pool(production, place, server, ids)


def in_parts(pool: Pool, **settings: object) -> None:
    pool.production.set(
        FERMATA_CHUNK_DEPLOYMENT="transcribe-chunk/transcribe-chunk",
        FERMATA_CHUNK_SIZE=CHUNK_SIZE,
        **settings,
    )


def test_the_deployments_for_workers_are_those_of_the_catalogue(production: Production) -> None:
    for wanted in catalogue():
        if wanted.runs_on is RunsOn.SERVING_PROCESS:
            continue
        deployed = production.deployment(wanted.name)
        assert deployed["entrypoint"] == wanted.entrypoint
        assert set(deployed["tags"]) == set(wanted.tags)
        assert deployed["work_pool_name"] == WORK_POOL
        assert deployed["description"]
        limit = deployed["global_concurrency_limit"]
        assert (limit and limit["limit"]) == wanted.most_at_once
        if limit:
            assert deployed["concurrency_options"]["collision_strategy"] == "ENQUEUE"
        assert schedules(deployed) == (
            {(wanted.schedule.cron, wanted.schedule.timezone)} if wanted.schedule else set()
        )
    everything = production.post("deployments/filter")
    workers = {each.name for each in catalogue() if each.runs_on is RunsOn.ANY_WORKER}
    assert {deployed["name"] for deployed in everything} == workers


def schedules(deployed: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (each["schedule"]["cron"], each["schedule"]["timezone"])
        for each in deployed["schedules"]
        if each["active"]
    }


@pytest.mark.soak
def test_two_workers_on_one_folder_at_the_same_time_submit_each_recording_once(pool: Pool) -> None:
    pool.server.faults.add(parse_fault("upload:stall_s=1"))
    with pool.worker("one"), pool.worker("two"):
        runs = [pool.start(), pool.start()]
        for run in runs:
            pool.started(run)
        states = pool.production.wait_for(*runs)
    assert [state["type"] for state in states] == ["COMPLETED", "COMPLETED"]
    assert {state["message"] for state in states} == {f"{RECORDINGS} of {RECORDINGS} analysed"}
    pool.assert_each_was_done_once()


@pytest.mark.soak
def test_a_large_batch_is_transcribed_in_parts_by_several_workers(pool: Pool) -> None:
    in_parts(pool)
    # The first part takes long enough for a second worker to begin another.
    pool.server.faults.add(parse_fault("poll:stall_s=15,times=1"))
    with pool.worker("one"), pool.worker("two"):
        (state,) = pool.production.wait_for(pool.start())
    assert state["type"] == "COMPLETED"
    assert state["message"] == f"{RECORDINGS} of {RECORDINGS} analysed"
    done = pool.parts("COMPLETED")
    assert done
    assert {run["state"]["message"] for run in done} == {"2 of 2 recordings came to an end"}
    assert all(run["parent_task_run_id"] for run in done)
    pool.assert_each_was_done_once()


@pytest.mark.soak
def test_a_run_alone_in_its_pool_does_all_parts_itself(pool: Pool) -> None:
    in_parts(pool)
    with pool.worker("one"):
        (state,) = pool.production.wait_for(pool.start())
    assert state["message"] == f"{RECORDINGS} of {RECORDINGS} analysed"
    assert pool.parts("SCHEDULED", "PENDING", "RUNNING") == []
    pool.assert_each_was_done_once()


@pytest.mark.soak
def test_the_part_of_a_worker_that_is_killed_is_taken_over(pool: Pool) -> None:
    in_parts(pool, FERMATA_POLL_DEADLINE_S=GIVEN_UP_AFTER_S)
    pool.server.faults.add(parse_fault(f"poll:stall_s={HELD_S}"))
    with pool.worker("one"):
        run = pool.start()
        pool.started(run)
        with pool.worker("two") as doomed:
            eventually(lambda: pool.parts("RUNNING") or None)
            eventually(lambda: len(pool.server.store.submissions) >= 2 * CHUNK_SIZE or None)
            kill(doomed)
        pool.server.faults.clear()
        (state,) = pool.production.wait_for(run)
    assert state["message"] == f"{RECORDINGS} of {RECORDINGS} analysed"
    pool.assert_each_was_done_once()


@pytest.mark.soak
def test_beside_a_run_whose_worker_alone_was_killed_the_next_one_does_nothing_twice(
    pool: Pool,
) -> None:
    pool.server.faults.add(parse_fault("poll:stall_s=5,times=1"))
    with pool.worker("one") as doomed:
        orphan = pool.start("nightly")
        eventually(lambda: len(pool.server.store.submissions) == RECORDINGS or None)
        doomed.kill()
        doomed.wait()
    with pool.worker("two"):
        (state,) = pool.production.wait_for(pool.start())
    # Nobody reads the orphan's output any more, which mostly ends it at its next line.
    (ended,) = pool.production.wait_for(orphan)
    assert ended["type"] in {"CRASHED", "COMPLETED"}
    assert state["message"] == f"{RECORDINGS} of {RECORDINGS} analysed"
    pool.assert_each_was_done_once()
