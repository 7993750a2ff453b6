"""Submitting a recording once: what is uploaded, sent, refused and sent again."""

from dataclasses import replace
from pathlib import Path

import pytest

from fermata.assemblyai import (
    AuthenticationError,
    ConnectionFailedError,
    RateLimitedError,
)
from fermata.ledger import JobState, UnknownJobError
from fermata.localserver import LocalServer, LocalServerConfig
from fermata.recordings import Recording, without_secrets
from fermata.transcription import OutcomeKind, SubmissionKind
from tests.unit.transcription.bench import (
    Bench,
    client_of,
    recording_of,
    web_recording,
)


def test_a_recording_is_uploaded_and_submitted(bench: Bench, recording: Recording):
    submission = bench.sent(recording)
    assert submission.kind is SubmissionKind.SENT
    job = bench.job(recording)
    assert (job.state, job.transcript_id) == (JobState.SUBMITTED, submission.transcript_id)
    assert job.service == bench.client.base_url
    assert job.submitted_at is not None
    assert (bench.uploads, bench.submissions) == (1, [1])


def test_a_recording_under_two_names_is_uploaded_once(
    bench: Bench, recording: Recording, tmp_path: Path
):
    copy = tmp_path / "copy.wav"
    copy.write_bytes(Path(recording.uri).read_bytes())
    bench.plan(recording_of(copy))
    first, second = bench.sent(recording), bench.sent(recording_of(copy))
    assert (first.kind, second.kind) == (SubmissionKind.SENT, SubmissionKind.JOINED)
    assert first.transcript_id == second.transcript_id
    assert (bench.uploads, bench.submissions) == (1, [1])


def test_a_web_address_is_passed_on_and_not_uploaded(bench: Bench):
    recording = web_recording(f"{bench.server.url}/somewhere/talk.wav?token=1")
    bench.plan(recording)
    transcript_id = bench.sent(recording).transcript_id
    assert bench.server.store.transcripts[transcript_id].audio_url == recording.uri
    assert bench.uploads == 0


def test_a_secret_in_a_web_address_is_not_written_down(bench: Bench, tmp_path: Path):
    recording = web_recording(f"{bench.server.url}/somewhere/talk.wav?token=hunter2")
    bench.plan(replace(recording, uri=without_secrets(recording.uri)))
    bench.fault("submit:reset=after,times=1")
    assert bench.sent(recording).kind is SubmissionKind.FOUND
    assert b"hunter2" not in b"".join(path.read_bytes() for path in tmp_path.glob("ledger.db*"))


@pytest.mark.parametrize(
    "fault",
    ["status=429,retry_after=0", "status=403,text=Rate limit exceeded"],
)
def test_a_submission_surely_not_accepted_is_sent_again(
    bench: Bench, recording: Recording, fault: str
):
    bench.fault(f"submit:{fault},times=2")
    assert bench.sent(recording).kind is SubmissionKind.SENT
    assert bench.submissions == [1]
    assert bench.server.store.requests["list"] == 0


def test_an_upload_for_another_address_is_not_reused(bench: Bench, recording: Recording):
    bench.fault("submit:status=429,retry_after=0")
    with pytest.raises(RateLimitedError):
        bench.submit(recording)
    assert bench.job(recording).state is JobState.UPLOADED
    with LocalServer(LocalServerConfig()) as other, client_of(other.url) as elsewhere:
        transcript_id = bench.sent(recording, client=elsewhere).transcript_id
        assert other.store.transcripts[transcript_id].audio_url.startswith(other.url)


def test_an_upload_that_the_service_has_lost_is_sent_again(bench: Bench, recording: Recording):
    bench.fault("submit:status=429,retry_after=0,times=3")
    with pytest.raises(RateLimitedError):
        bench.submit(recording)
    bench.server.store.uploads.clear()
    assert bench.sent(recording).kind is SubmissionKind.SENT
    assert bench.submissions == [1]


def test_a_refused_submission_fails_with_the_service_s_text(bench: Bench, recording: Recording):
    bench.fault("submit:status=400,text=Your current account balance is negative")
    outcome = bench.failed(recording)
    assert outcome.kind is OutcomeKind.FAILED
    assert "balance is negative" in str(outcome.reason)
    job = bench.job(recording)
    assert (job.state, job.permanent, job.attempted_ago_s) == (JobState.FAILED, False, None)
    bench.server.faults.clear()
    bench.plan(recording)
    bench.sent(recording)
    assert (bench.uploads, bench.submissions) == (1, [1])


def test_what_is_too_large_fails_for_good(bench: Bench, recording: Recording):
    bench.fault("upload:status=413,text=too large")
    assert "too large" in str(bench.failed(recording).reason)
    bench.plan(recording)
    assert bench.job(recording).permanent
    assert bench.failed(recording).kind is OutcomeKind.FAILED


def test_a_changed_file_is_not_submitted(bench: Bench, recording: Recording):
    Path(recording.uri).write_bytes(b"something else altogether")
    outcome = bench.failed(recording)
    assert "changed since" in str(outcome.reason)
    assert (bench.uploads, bench.submissions) == (0, [])


def test_a_wrong_key_is_an_error_of_the_whole_run(bench: Bench, recording: Recording):
    bench.fault("submit:status=401,times=1")
    with pytest.raises(AuthenticationError):
        bench.submit(recording)
    assert bench.job(recording).attempted_ago_s is None
    assert bench.sent(recording).kind is SubmissionKind.SENT


def test_an_unreachable_service_leaves_the_recording_planned(bench: Bench, recording: Recording):
    with (
        LocalServer(LocalServerConfig()) as gone,
        client_of(gone.url) as client,
    ):
        pass
    with pytest.raises(ConnectionFailedError):
        bench.submit(recording, client=client)
    assert bench.job(recording).state is JobState.PLANNED
    bench.sent(recording)


def test_what_was_never_planned_is_an_error(bench: Bench, tmp_path: Path):
    path = tmp_path / "stranger.wav"
    path.write_bytes(b"never heard of")
    with pytest.raises(UnknownJobError):
        bench.submit(recording_of(path))
