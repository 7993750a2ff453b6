"""Polling: one loop over all open jobs until each of them is settled."""

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from fermata.assemblyai import AuthenticationError
from fermata.ledger import JobKey, JobState, Ledger
from fermata.localserver import Fault, LocalServer, LocalServerConfig, Place
from fermata.localserver.faults import JobFails
from fermata.recordings import Recording
from fermata.transcription import OutcomeKind, PollPolicy, poll
from tests.unit.transcription.bench import POLL, Bench, client_of, options_of, recording_of


@pytest.fixture
def others(talk: Path) -> list[Recording]:
    """More recordings, which the server can't know; none of them is audio."""
    made = []
    for number in range(3):
        path = talk.with_name(f"other-{number}.bin")
        path.write_bytes(b"no audio" + bytes([number]))
        made.append(recording_of(path))
    return made


def test_a_transcript_is_archived_as_received_and_then_completed(
    bench: Bench, recording: Recording
):
    transcript_id = bench.sent(recording).transcript_id
    states = []

    def archive(key: JobKey, raw: bytes) -> None:
        states.append(bench.ledger.job(key).state)
        bench.archived[key] = raw

    outcome = bench.outcome(archive=archive)
    assert (outcome.kind, outcome.transcript_id) == (OutcomeKind.COMPLETED, transcript_id)
    assert (outcome.name, outcome.reason) == ("talk.wav", None)
    assert states == [JobState.SUBMITTED]
    assert bench.job(recording).state is JobState.COMPLETED
    received = json.loads(bench.archived[outcome.key])
    assert received["id"] == transcript_id
    assert len(received["utterances"]) == 2
    assert bench.told == [outcome]


def test_a_transcript_that_can_not_be_archived_is_not_completed(bench: Bench, recording: Recording):
    bench.sent(recording)

    def archive(_key: JobKey, _raw: bytes) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        bench.poll(archive=archive)
    assert bench.job(recording).state is JobState.SUBMITTED
    assert bench.outcome().kind is OutcomeKind.COMPLETED


def test_one_bad_recording_does_not_sink_the_others(
    bench: Bench, recording: Recording, others: list[Recording]
):
    bench.plan(*others)
    for one in (others[0], recording, others[1]):
        bench.sent(one)
    kinds = {outcome.name: outcome.kind for outcome in bench.poll().settled}
    assert kinds == {
        "other-0.bin": OutcomeKind.FAILED,
        "talk.wav": OutcomeKind.COMPLETED,
        "other-1.bin": OutcomeKind.FAILED,
    }


@pytest.mark.parametrize(
    ("text", "permanent"),
    [
        ("File does not appear to contain audio. File type is text/plain", True),
        ("Audio duration is too short.", True),
        ("Transcoding failed. File type application/json", True),
        ("Server error, developers have been alerted.", False),
        ("Download error, unable to download https://x.example.com/a?token=secret", False),
    ],
)
def test_a_failed_job_shows_the_service_s_reason_and_whether_to_try_again(
    bench: Bench, recording: Recording, text: str, permanent
):
    bench.server.faults.add(Fault(Place.JOB, JobFails(text)))
    bench.sent(recording)
    outcome = bench.outcome()
    assert outcome.kind is OutcomeKind.FAILED
    assert text.partition("?")[0] in str(outcome.reason)
    assert "secret" not in str(outcome.reason)
    job = bench.job(recording)
    assert (job.state, job.permanent, job.reason) == (JobState.FAILED, permanent, outcome.reason)
    bench.plan(recording)
    assert bench.job(recording).state is (JobState.FAILED if permanent else JobState.PLANNED)


@pytest.mark.parametrize(
    "fault",
    [
        "status=500",
        "html=200",
        "reset=before",
        "truncate=json",
        "truncate=body",
        "status=429,retry_after=0",
    ],
)
def test_a_question_that_fails_in_passing_is_asked_again(
    bench: Bench, recording: Recording, fault: str
):
    bench.sent(recording)
    bench.fault(f"poll:{fault},times=3")
    assert bench.outcome().kind is OutcomeKind.COMPLETED


def test_questions_that_fail_over_and_over_leave_the_job_to_a_later_run(
    bench: Bench, recording: Recording
):
    transcript_id = bench.sent(recording).transcript_id
    bench.fault("poll:truncate=json")
    outcome = bench.outcome(policy=replace(POLL, failures_in_a_row=3))
    assert outcome.kind is OutcomeKind.UNFINISHED
    assert transcript_id in str(outcome.reason)
    assert bench.server.store.requests["poll"] == 3
    bench.server.faults.clear()
    assert bench.outcome().kind is OutcomeKind.COMPLETED
    assert bench.submissions == [1]


def test_failures_count_only_in_a_row(bench: Bench, recording: Recording):
    bench.fault("job:outcome=never")
    bench.sent(recording)
    for after in range(0, 20, 2):
        bench.fault(f"poll:status=500,times=1,after={after}")
    policy = replace(POLL, failures_in_a_row=2, deadline_base_s=1, deadline_per_audio_s=0)
    assert "not done after" in str(bench.outcome(policy=policy).reason)


def test_a_job_that_never_ends_passes_its_deadline_and_is_resumed_later(
    bench: Bench, recording: Recording
):
    bench.fault("job:outcome=never,times=1")
    transcript_id = bench.sent(recording).transcript_id
    outcome = bench.outcome(policy=replace(POLL, deadline_base_s=0.2, deadline_per_audio_s=0))
    assert outcome.kind is OutcomeKind.UNFINISHED
    assert transcript_id in str(outcome.reason)
    assert bench.job(recording).state is JobState.SUBMITTED
    bench.plan(recording)
    assert bench.sent(recording).transcript_id == transcript_id
    assert bench.submissions == [1]


def test_the_deadline_grows_with_the_audio():
    policy = PollPolicy()
    assert policy.deadline_s(0) == 900
    assert policy.deadline_s(3600) == 900 + 1800
    assert policy.deadline_s(None) == policy.deadline_s(36_000)


def test_long_audio_is_asked_for_more_seldom():
    policy = PollPolicy()
    assert [policy.pause_s(length_s) for length_s in (None, 60, 1200, 36_000)] == [3, 3, 6, 30]


def test_the_pause_grows_with_failures_and_follows_the_service():
    policy = PollPolicy()
    pauses = [policy.pause_after_failure_s(failures, None) for failures in range(1, 7)]
    assert pauses == [3, 6, 12, 24, 30, 30]
    assert policy.pause_after_failure_s(1, 60.0) == 60
    assert policy.pause_after_failure_s(1, 1e6) == 120


def test_a_queued_job_is_not_late_while_the_queue_moves(talk: Path, ledger_url: str):
    """One job is in work at a time, and the last one waits longer than its deadline."""
    config = LocalServerConfig(concurrency=1, processing_time_s=0.4, references=talk.parent)
    recordings = []
    for number in range(4):
        path = talk.with_name(f"talk-{number}.wav")
        path.write_bytes(f"talk {number}".encode())
        shutil.copy(talk.with_suffix(".json"), path.with_suffix(".json"))
        recordings.append(recording_of(path))
    with (
        LocalServer(config) as server,
        Ledger(ledger_url) as ledger,
        client_of(server.url) as client,
    ):
        bench = Bench(server, client, ledger)
        bench.plan(*recordings)
        for recording in recordings:
            bench.sent(recording)
        policy = replace(POLL, deadline_base_s=0.9, deadline_per_audio_s=0)
        kinds = [outcome.kind for outcome in bench.poll(policy=policy).settled]
    assert kinds == [OutcomeKind.COMPLETED] * 4


def test_polling_returns_when_few_enough_are_open(
    bench: Bench, recording: Recording, others: list[Recording]
):
    bench.fault("job:outcome=never,times=2")
    bench.plan(*others)
    stuck = [bench.sent(one).key for one in others[:2]]
    bench.sent(recording)
    result = bench.poll(until_open=2)
    assert [outcome.name for outcome in result.settled] == ["talk.wav"]
    assert {job.key for job in result.still_open} == set(stuck)
    assert bench.poll(until_open=5).settled == ()


def test_stopping_ends_polling_at_once_and_keeps_what_is_open(bench: Bench, recording: Recording):
    bench.fault("job:outcome=never")
    bench.sent(recording)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    result = bench.poll(stop=stop, policy=PollPolicy())
    assert result.settled == ()
    assert [job.name for job in result.still_open] == ["talk.wav"]


def test_a_wrong_key_is_an_error_of_the_whole_run(bench: Bench, recording: Recording):
    bench.sent(recording)
    bench.fault("poll:status=401")
    with pytest.raises(AuthenticationError):
        bench.poll()
    assert bench.job(recording).state is JobState.SUBMITTED


def test_a_refused_question_leaves_the_job_to_a_later_run(bench: Bench, recording: Recording):
    bench.sent(recording)
    bench.fault("poll:status=403,text=not yours")
    outcome = bench.outcome()
    assert outcome.kind is OutcomeKind.UNFINISHED
    assert "not yours" in str(outcome.reason)


def test_an_id_that_a_paid_service_does_not_know_is_never_submitted_again(
    bench: Bench, recording: Recording
):
    transcript_id = bench.sent(recording).transcript_id
    with LocalServer(LocalServerConfig()) as other, client_of(other.url) as elsewhere:
        outcome = bench.outcome(client=elsewhere)
        assert outcome.kind is OutcomeKind.UNFINISHED
        assert all(part in str(outcome.reason) for part in (transcript_id, bench.server.url))
        assert bench.sent(recording, client=elsewhere).transcript_id == transcript_id
        assert not other.store.submissions
    assert bench.outcome().kind is OutcomeKind.COMPLETED


def test_an_id_that_the_local_server_has_forgotten_is_submitted_again(
    bench: Bench, recording: Recording
):
    bench.options = options_of("local")
    bench.plan(recording)
    bench.sent(recording)
    with LocalServer(LocalServerConfig()) as other, client_of(other.url) as elsewhere:
        assert bench.outcome(client=elsewhere).kind is OutcomeKind.PLANNED_AGAIN
        assert bench.job(recording).state is JobState.PLANNED
        bench.sent(recording, client=elsewhere)
        assert list(other.store.submissions.values()) == [1]


def test_two_pollers_settle_a_job_alike(bench: Bench, recording: Recording):
    bench.sent(recording)
    jobs = bench.ledger.open_jobs("assemblyai")
    first = bench.poll().settled
    second = poll(
        jobs,
        client=bench.client,
        ledger=bench.ledger,
        archive=bench.archived.__setitem__,
        policy=POLL,
    ).settled
    assert first == second
    assert bench.job(recording).state is JobState.COMPLETED


def test_what_was_never_submitted_is_left_out(bench: Bench):
    result = bench.poll()
    assert (result.settled, result.still_open) == ((), ())
