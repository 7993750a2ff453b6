"""A run killed with `kill -9` at any moment, and started again: one submission, no more."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fermata.ledger import JobState
from fermata.recordings import Recording
from fermata.transcription import SubmissionKind
from tests.unit.transcription.bench import Bench

ROOT = Path(__file__).parents[3]
DEADLINE_S = 60
KILLS = 5


@contextmanager
def run(
    bench: Bench, ledger_url: str, recording: Recording, dies: str
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.unit.transcription.mortal_run",
            bench.server.url,
            ledger_url,
            recording.uri,
            dies,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


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
    bench: Bench, ledger_url: str, recording: Recording, dies: str
):
    with run(bench, ledger_url, recording, dies) as process:
        assert process.wait(DEADLINE_S) == -signal.SIGKILL
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


def test_runs_killed_at_random_moments_submit_once(
    bench: Bench, ledger_url: str, recording: Recording
):
    chance = random.Random(4)
    for _ in range(KILLS):
        with run(bench, ledger_url, recording, "never") as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.12))
            process.kill()
    with run(bench, ledger_url, recording, "never") as process:
        assert process.wait(DEADLINE_S) == 0
    assert bench.job(recording).state is JobState.COMPLETED
    assert bench.submissions == [1]


def test_processes_that_run_at_once_submit_once(
    bench: Bench, ledger_url: str, recording: Recording
):
    with (
        run(bench, ledger_url, recording, "never") as one,
        run(bench, ledger_url, recording, "never") as other,
    ):
        assert (one.wait(DEADLINE_S), other.wait(DEADLINE_S)) == (0, 0)
    assert (bench.uploads, bench.submissions) == (1, [1])
