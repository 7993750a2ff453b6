"""Polling: one loop over all open jobs until each of them is settled."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from fermata.assemblyai import AuthenticationError
from fermata.ledger import JobKey, JobState
from fermata.localserver import Fault, LocalServer, LocalServerConfig, Place
from fermata.localserver.faults import JobFails
from fermata.recordings import Recording
from fermata.transcription import OutcomeKind, PollPolicy, SubmissionKind, poll
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


def test_a_transcript_that_the_service_has_lost_is_given_up_after_a_day_and_sent_again_if_asked(
    bench: Bench, recording: Recording
):
    transcript_id = bench.sent(recording).transcript_id
    bench.server.store.transcripts.clear()
    early = bench.outcome()
    assert early.kind is OutcomeKind.UNFINISHED
    assert "given up 24 h after" in str(early.reason)
    with bench.ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET submitted_at = submitted_at - 90000")
    late = bench.outcome()
    assert late.kind is OutcomeKind.FAILED
    assert f"FERMATA_SEND_AGAIN={transcript_id}" in str(late.reason)
    bench.plan(recording)
    assert (bench.job(recording).state, bench.job(recording).permanent) == (JobState.FAILED, True)
    assert bench.ledger.vanished.send_again([transcript_id, "another"]) == 1
    bench.plan(recording)
    assert bench.sent(recording).kind is SubmissionKind.SENT
    assert bench.outcome().kind is OutcomeKind.COMPLETED
    assert bench.ledger.vanished.send_again([]) == 0


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
