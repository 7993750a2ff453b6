"""A run killed with `kill -9` at any moment, and started again: one submission, no more."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context

import pytest

from fermata.ledger import JobState
from fermata.recordings import Recording
from fermata.transcription import SubmissionKind
from tests.unit.transcription.bench import Bench
from tests.unit.transcription.mortal_run import mortal_run

DEADLINE_S = 60
KILLS = 12
SHORT_LEASE_S = 0.15
"""What a killed run leaves is soon free."""
LEASE_S = 3.0
"""A run that lives keeps its claim on a busy machine, too."""

# Processes of their own that need not import everything again.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.unit.transcription.mortal_run"])


class Run:
    """A process that submits and polls one recording."""

    def __init__(self, *places: str, **manner: str | float) -> None:
        self._pipe, other_end = PROCESSES.Pipe()
        kwargs = {**manner, "parent": other_end}
        self._process = PROCESSES.Process(target=mortal_run, args=places, kwargs=kwargs)
        self._process.start()
        other_end.close()

    def wait_until_begun(self) -> None:
        assert self._pipe.poll(DEADLINE_S)

    def kill(self) -> None:
        self._process.kill()

    def exit_code(self) -> int | None:
        self._process.join(DEADLINE_S)
        return self._process.exitcode

    def close(self) -> None:
        self.kill()
        self._process.join(DEADLINE_S)
        self._process.close()
        self._pipe.close()


@pytest.fixture
def start_run(bench: Bench, ledger_url: str, recording: Recording) -> Iterator[Callable[..., Run]]:
    runs = []

    def start(dies: str, lease_s: float = LEASE_S) -> Run:
        places = bench.server.url, ledger_url, recording.uri
        runs.append(Run(*places, step=dies, lease_s=lease_s))
        return runs[-1]

    yield start
    for run in runs:
        run.close()


@pytest.mark.parametrize(
    "dies",
    [
        "before_upload",
        "after_upload",
        "before_submit",
        "after_submit",
        "before_archive",
        "after_archive",
    ],
)
def test_a_run_killed_at_every_step_is_taken_up_by_the_next(
    bench: Bench, recording: Recording, start_run, dies: str
):
    assert start_run(dies, SHORT_LEASE_S).exit_code() == -signal.SIGKILL
    bench.plan(recording)
    submission = bench.sent(recording)
    kinds = {
        "after_submit": SubmissionKind.FOUND,
        "before_archive": SubmissionKind.JOINED,
        "after_archive": SubmissionKind.JOINED,
    }
    assert submission.kind is kinds.get(dies, SubmissionKind.SENT)
    bench.poll()
    assert bench.job(recording).state is JobState.COMPLETED
    assert bench.submissions == [1]


def test_runs_killed_at_random_moments_submit_once(bench: Bench, recording: Recording, start_run):
    chance = random.Random(4)
    for _ in range(KILLS):
        run = start_run("never", SHORT_LEASE_S)
        run.wait_until_begun()
        time.sleep(chance.uniform(0, 0.06))
        run.kill()
    assert start_run("never").exit_code() == 0
    assert bench.job(recording).state is JobState.COMPLETED
    assert bench.submissions == [1]


def test_processes_that_run_at_once_submit_once(bench: Bench, start_run):
    runs = [start_run("never") for _ in range(3)]
    assert [run.exit_code() for run in runs] == [0, 0, 0]
    # A claim that ran out during an upload would cost nothing.
    assert bench.uploads >= 1
    assert bench.submissions == [1]
