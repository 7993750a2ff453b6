"""Submissions whose answer was lost: looked up, and sent again only if surely not accepted."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from fermata.assemblyai import (
    ServiceUnavailableError,
    StoppedError,
)
from fermata.ledger import JobState
from fermata.localserver import LocalServer, LocalServerConfig
from fermata.recordings import Recording, open_content
from fermata.transcription import DoubtPolicy, OutcomeKind, SubmissionKind
from tests.unit.transcription.bench import (
    SUBMIT,
    Bench,
    client_of,
    options_of,
    web_recording,
)


def leave_in_doubt(bench: Bench, recording: Recording) -> None:
    """A run sent the submission, lost the answer and could not ask any more."""
    bench.fault("submit:reset=after,times=1")
    bench.fault("list:status=500,times=3")
    with pytest.raises(ServiceUnavailableError):
        bench.submit(recording)
    assert bench.job(recording).attempted_ago_s is not None


@pytest.mark.parametrize("fault", ["reset=after", "truncate=json", "truncate=body"])
def test_a_submission_whose_answer_is_lost_is_found_and_not_sent_again(
    bench: Bench, recording: Recording, fault: str
):
    bench.fault(f"submit:{fault},times=1")
    submission = bench.sent(recording)
    assert submission.kind is SubmissionKind.FOUND
    assert submission.transcript_id in bench.server.store.transcripts
    assert (bench.uploads, bench.submissions) == (1, [1])


@pytest.mark.parametrize("fault", ["reset=before", "status=500", "html=502", "html=200"])
def test_a_submission_that_never_arrived_is_sent_again_once_that_is_sure(
    bench: Bench, recording: Recording, fault: str
):
    bench.fault(f"submit:{fault},times=1")
    submission = bench.sent(recording)
    assert submission.kind is SubmissionKind.SENT
    assert (bench.uploads, bench.submissions) == (1, [1])
    assert bench.server.store.requests["list"] > 0


def test_a_submission_answered_too_late_is_found(bench: Bench, recording: Recording):
    bench.fault("submit:stall_s=60,times=1")
    timeouts = replace(bench.client._timeouts, answer_s=1.0)
    with client_of(bench.server.url, timeouts=timeouts) as hasty:
        assert bench.sent(recording, client=hasty).kind is SubmissionKind.FOUND
    assert bench.submissions == [1]


def test_lost_answers_in_a_row_are_found_each_time_and_end(bench: Bench, recording: Recording):
    bench.fault("submit:status=500")
    with pytest.raises(ServiceUnavailableError):
        bench.submit(recording)
    assert bench.server.store.requests["submit"] == SUBMIT.attempts
    job = bench.job(recording)
    assert (job.state, job.attempted_ago_s) == (JobState.UPLOADED, None)
    bench.server.faults.clear()
    assert bench.sent(recording).kind is SubmissionKind.SENT
    assert (bench.uploads, bench.submissions) == (1, [1])


def test_a_doubt_that_could_not_be_settled_is_settled_by_the_next_call(
    bench: Bench, recording: Recording
):
    leave_in_doubt(bench, recording)
    assert bench.sent(recording).kind is SubmissionKind.FOUND
    assert (bench.uploads, bench.submissions) == (1, [1])


def test_a_doubt_outlives_giving_up_and_planning_again(bench: Bench, recording: Recording):
    leave_in_doubt(bench, recording)
    assert bench.ledger.give_up(bench.job(recording).key, "out of reach")
    assert bench.failed(recording).reason == "out of reach"
    bench.plan(recording)
    assert bench.sent(recording).kind is SubmissionKind.FOUND
    assert bench.submissions == [1]


def test_a_service_that_refuses_to_tell_leaves_the_doubt(bench: Bench, recording: Recording):
    leave_in_doubt(bench, recording)
    bench.fault("list:status=400,times=1")
    outcome = bench.failed(recording)
    assert outcome.kind is OutcomeKind.IN_DOUBT
    assert "may have been accepted" in str(outcome.reason)
    assert bench.sent(recording).kind is SubmissionKind.FOUND
    assert bench.submissions == [1]


def test_a_doubt_at_another_address_is_not_settled_here(bench: Bench, recording: Recording):
    leave_in_doubt(bench, recording)
    with LocalServer(LocalServerConfig()) as other, client_of(other.url) as elsewhere:
        outcome = bench.failed(recording, client=elsewhere)
        assert outcome.kind is OutcomeKind.IN_DOUBT
        assert bench.server.url in str(outcome.reason)
        assert not other.store.submissions
    assert bench.sent(recording).kind is SubmissionKind.FOUND


def test_where_nothing_is_billed_a_new_port_raises_no_doubt(bench: Bench, recording: Recording):
    bench.options = options_of("local")
    bench.plan(recording)
    leave_in_doubt(bench, recording)
    with LocalServer(LocalServerConfig()) as other, client_of(other.url) as elsewhere:
        assert bench.sent(recording, client=elsewhere).kind is SubmissionKind.SENT
        assert list(other.store.submissions.values()) == [1]


def test_stopping_in_doubt_leaves_the_doubt(bench: Bench, recording: Recording):
    stop = threading.Event()
    stop.set()
    bench.fault("submit:reset=before,times=1")
    with client_of(bench.server.url) as client:
        claim = bench.ledger.claim(bench.job(recording).key)
        assert claim is not None
        with claim:
            claim.uploaded(
                client.upload(
                    lambda: open_content(recording.uri),
                    size_bytes=recording.size_bytes or 0,
                    sha256=recording.recording_id,
                ),
                client.base_url,
            )
            claim.attempting()
        with pytest.raises(StoppedError):
            bench.submit(recording, client=client, stop=stop)
    assert bench.job(recording).attempted_ago_s is not None


def test_the_same_address_submitted_by_somebody_else_before_is_not_taken_for_ours(bench: Bench):
    recording = web_recording(f"{bench.server.url}/somewhere/talk.wav")
    bench.plan(recording)
    foreign = bench.client.submit(bench.options, recording.uri)
    bench.fault("submit:reset=after,times=1")
    ours = bench.sent(recording)
    assert ours.kind is SubmissionKind.FOUND
    assert ours.transcript_id != foreign


def test_what_somebody_else_submitted_long_before_is_not_taken_for_ours(bench: Bench):
    recording = web_recording(f"{bench.server.url}/somewhere/talk.wav")
    bench.plan(recording)
    foreign = bench.client.submit(bench.options, recording.uri)
    transcripts = bench.server.store.transcripts
    earlier = transcripts[foreign].created - timedelta(minutes=1)
    transcripts[foreign] = replace(transcripts[foreign], created=earlier)
    bench.fault("submit:reset=before,times=1")
    ours = bench.sent(recording)
    assert ours.kind is SubmissionKind.SENT
    assert ours.transcript_id != foreign


def test_a_clock_that_was_set_hides_no_submission(bench: Bench, recording: Recording):
    for shift_s in (-1800, 1800):
        bench.plan(recording)
        leave_in_doubt(bench, recording)
        with bench.ledger._database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE jobs SET attempted_at = attempted_at + {shift_s}")
        found = bench.sent(recording)
        assert found.kind is SubmissionKind.FOUND
        bench.ledger.fail(found.key, found.transcript_id, "Server error", permanent=False)
    assert bench.submissions == [2]


def test_a_transcript_of_another_job_is_not_adopted(bench: Bench, recording: Recording):
    recording = web_recording(f"{bench.server.url}/somewhere/talk.wav")
    bench.plan(recording)
    first = bench.sent(recording)
    bench.options = bench.options.model_copy(update={"language_detection": True})
    del bench.options.__dict__["options_hash"]
    bench.plan(recording)
    bench.fault("submit:reset=before,times=1")
    second = bench.sent(recording)
    assert second.kind is SubmissionKind.SENT
    assert second.transcript_id != first.transcript_id


def test_what_the_service_lists_late_is_not_sent_again(bench: Bench, recording: Recording):
    bench.fault("submit:reset=after,times=1")
    bench.fault("listed:late_s=0.2")
    late = replace(
        SUBMIT, doubt=DoubtPolicy(believed_s=200, call_looks_s=200, longest_pause_s=0.02)
    )
    assert bench.sent(recording, policy=late).kind is SubmissionKind.FOUND
    assert bench.submissions == [1]


def test_a_call_that_can_not_know_leaves_the_doubt_and_a_later_one_settles_it(
    bench: Bench, recording: Recording
):
    bench.fault("submit:reset=after,times=1")
    bench.fault("listed:late_s=3600,times=1")
    hasty = replace(SUBMIT, doubt=DoubtPolicy(believed_s=200, call_looks_s=0))
    for _ in range(2):
        outcome = bench.failed(recording, policy=hasty)
        assert outcome.kind is OutcomeKind.IN_DOUBT
        assert str(outcome.reason).startswith("in doubt: ")
        bench.plan(recording)
    transcripts = bench.server.store.transcripts
    for listed in list(transcripts.values()):
        transcripts[listed.id] = replace(listed, listed=listed.created)
    assert bench.sent(recording, policy=hasty).kind is SubmissionKind.FOUND
    assert bench.submissions == [1]


def test_the_pauses_between_looks_grow():
    policy = DoubtPolicy()
    assert [policy.pause_s(looks) for looks in (1, 2, 3, 6, 7, 5000)] == [0.5, 1, 2, 16, 20, 20]
    assert policy.run_looks_s >= 120
    assert policy.believed_s > policy.run_looks_s
