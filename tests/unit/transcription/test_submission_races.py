"""Several at one recording: one submits, the others join."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from fermata.assemblyai import (
    StoppedError,
)
from fermata.recordings import Recording, open_content
from fermata.transcription import RecordingBusyError, SubmissionKind
from tests.unit.transcription.bench import (
    SUBMIT,
    Bench,
)


def claimed_until_s(bench: Bench) -> float:
    with bench.ledger._database.reading() as connection:
        return float(connection.exec_driver_sql("SELECT claim_until FROM jobs").scalar_one())


def test_of_many_threads_one_submits_and_the_others_join(bench: Bench, recording: Recording):
    start, submissions = threading.Barrier(6), []

    def race() -> None:
        start.wait(60)
        submissions.append(bench.sent(recording))

    racers = [threading.Thread(target=race) for _ in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    kinds = sorted(submission.kind for submission in submissions)
    assert kinds == [SubmissionKind.JOINED] * 5 + [SubmissionKind.SENT]
    assert len({submission.transcript_id for submission in submissions}) == 1
    assert (bench.uploads, bench.submissions) == (1, [1])


def test_a_slow_upload_keeps_its_claim(bench: Bench, recording: Recording):
    hasty, kinds = replace(SUBMIT, lease_s=3.0), []

    def open_after_two_renewals(uri: str) -> BinaryIO:
        pause, lent_until_s = threading.Event(), claimed_until_s(bench)
        while claimed_until_s(bench) < lent_until_s + hasty.lease_s / 2:
            assert not pause.wait(0.02)
        return open_content(uri)

    def submit() -> None:
        done = bench.sent(recording, policy=hasty, open_content=open_after_two_renewals)
        kinds.append(done.kind)

    racers = [threading.Thread(target=submit) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert sorted(kinds) == [SubmissionKind.JOINED, SubmissionKind.SENT]
    assert (bench.uploads, bench.submissions) == (1, [1])


def test_waiting_for_another_run_ends(bench: Bench, recording: Recording):
    claim = bench.ledger.claim(bench.job(recording).key)
    assert claim is not None
    with claim, pytest.raises(RecordingBusyError, match=r"talk\.wav"):
        bench.submit(recording, policy=replace(SUBMIT, busy_s=0.0))


def test_stopping_ends_the_wait_for_another_run(bench: Bench, recording: Recording):
    stop = threading.Event()
    stop.set()
    claim = bench.ledger.claim(bench.job(recording).key)
    assert claim is not None
    with claim, pytest.raises(StoppedError):
        bench.submit(recording, stop=stop)


def test_a_run_that_loses_its_claim_joins_the_one_that_took_it(
    bench: Bench, recording: Recording, tmp_path: Path
):
    """The first run is halted in its upload for longer than its lease, as a laptop is."""
    key, winner = bench.job(recording).key, []

    def open_and_lose(uri: str):
        with bench.ledger._database.writing() as connection:
            connection.exec_driver_sql("UPDATE jobs SET claim_owner = NULL")
        winner.append(bench.sent(recording))
        return Path(uri).open("rb")

    joined = bench.sent(recording, open_content=open_and_lose)
    assert joined.kind is SubmissionKind.JOINED
    assert joined.transcript_id == winner[0].transcript_id
    assert bench.ledger.job(key).transcript_id == joined.transcript_id
    assert bench.submissions == [1]


def test_a_claim_lost_over_and_over_is_an_error_in_the_end(bench: Bench, recording: Recording):
    def open_and_lose(uri: str):
        with bench.ledger._database.writing() as connection:
            connection.exec_driver_sql("UPDATE jobs SET claim_owner = NULL")
        return Path(uri).open("rb")

    with pytest.raises(RecordingBusyError, match="let one run alone"):
        bench.submit(recording, open_content=open_and_lose)
    assert bench.submissions == []
