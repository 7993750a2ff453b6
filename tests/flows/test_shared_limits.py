"""Limits shared by all workers, in a real Prefect server."""

import itertools
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from config import PROJECT_ROOT
from config.shared_limits import SharedLimit
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer
from tests.flows.seen import prefect_client

WORKER = """
import sys, threading, time
from config.shared_limits import SharedLimit
from tasks.pace import wait_for_turn
limit = SharedLimit(sys.argv[1], int(sys.argv[2]), 2)
for _ in range(int(sys.argv[3])):
    asked_s = time.monotonic()
    wait_for_turn(limit, threading.Event())
    print(asked_s, time.monotonic(), flush=True)
"""


@pytest.fixture
def limit(prefect_server: str) -> Iterator[SharedLimit]:
    """A limit of the test's own, in the server."""
    made = SharedLimit(f"test-{uuid4().hex}", 120, burst_divisor=40)
    with prefect_client() as client:
        client.upsert_global_concurrency_limit_by_name(
            made.name, made.burst, slot_decay_per_second=made.per_second
        )
        yield made
        client.delete_global_concurrency_limit_by_name(made.name)


def started_at(limit: SharedLimit, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, limit.name, str(limit.per_minute), str(count)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_keep_a_limit_together(limit: SharedLimit) -> None:
    workers = [started_at(limit, 6) for _ in range(2)]
    printed = [worker.communicate()[0].splitlines() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    waits_s = [tuple(map(float, line.split())) for line in itertools.chain(*printed)]
    assert len(waits_s) == 12
    # The burst is free; each of the others has to be earned, but for one that is on its way.
    earned_s = (len(waits_s) - limit.burst - 1) / limit.per_second
    first_asked_s = min(asked_s for asked_s, _ in waits_s)
    last_let_through_s = max(through_s for _, through_s in waits_s)
    assert last_let_through_s - first_asked_s >= earned_s


def test_no_limit_asks_no_server() -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from tasks.pace import wait_for_turn

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/api"
        with temporary_settings({PREFECT_API_URL: url}):
            wait_for_turn(SharedLimit("none", None, 1), threading.Event())
        with pytest.raises(BlockingIOError):
            server.accept()


def test_waiting_ends_when_the_run_is_stopped(prefect_server: str) -> None:
    from tasks.pace import wait_for_turn

    stop = threading.Event()
    stop.set()
    wait_for_turn(SharedLimit("never-asked", 2, 1), stop)


def test_limits_are_made_changed_and_removed_as_the_settings_say(flows: FlowRunner) -> None:
    from deployments.limits import register_limits

    name = "fermata-live-sessions"
    with prefect_client() as client:
        for per_minute, burst in ((100, 50), (5, 2)):
            flows.set(FERMATA_LIVE_SESSIONS_PER_MINUTE=per_minute)
            assert list(register_limits(client)) == list(register_limits(client))
            assert limits(client)[name].limit == burst
        flows.set(FERMATA_LIVE_SESSIONS_PER_MINUTE="")
        assert list(register_limits(client)) == []
        assert name not in limits(client)


def limits(client: Any) -> dict[str, Any]:
    return {limit.name: limit for limit in client.read_global_concurrency_limits(limit=200)}


def test_a_run_whose_limit_is_missing_in_the_server_goes_on(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(2)
    serve()
    flows.set(FERMATA_SUBMISSIONS_PER_MINUTE=2)
    assert flows.calibrate(conversations.folder).result.summary == "2 of 2 analysed"
