"""Jobs from planning to the Parquet tables."""

from datetime import UTC, datetime, timedelta

import pytest

from fermata.ledger import JobState, Ledger, UnknownJobError
from tests.unit.ledger.jobs import SERVICE, UPLOAD, key_of, leave_in_doubt, plan, planned, submit


def test_a_job_is_kept_as_it_was_planned(ledger: Ledger):
    ledger.plan([planned()])
    job = ledger.job(key_of("talk.wav"))
    assert (job.name, job.uri, job.group) == ("talk.wav", "/recordings/talk.wav", "office")
    assert job.speech_models == ("universal-3-5-pro", "universal-2")
    assert (job.duration_s, job.channels, job.engine) == (12.5, 1, "assemblyai")
    assert (job.state, job.permanent, job.settled) == (JobState.PLANNED, False, False)
    assert abs(job.planned_at - datetime.now(UTC)) < timedelta(seconds=10)


def test_planning_twice_keeps_the_batch_and_takes_the_new_place(ledger: Ledger):
    ledger.plan([planned()])
    ledger.plan([planned(batch="2026-11-22", uri="/moved/talk.wav", run_id="run-2")])
    job = ledger.job(key_of("talk.wav"))
    assert (job.batch, job.uri, job.run_id) == ("2026-11-21", "/moved/talk.wav", "run-2")


def test_the_same_content_under_two_names_is_one_job(ledger: Ledger):
    ledger.plan([planned(), planned(name="copy.wav", key=key_of("talk.wav"))])
    assert [job.name for job in ledger.open_jobs("assemblyai")] == ["talk.wav"]


def test_planning_leaves_what_was_submitted_or_completed_alone(ledger: Ledger):
    sent, done = plan(ledger, "sent.wav", "done.wav")
    submit(ledger, sent, "t-1")
    submit(ledger, done, "t-2")
    ledger.complete(done, "t-2", None)
    before = ledger.jobs([sent, done])
    ledger.plan([planned("sent.wav", run_id="run-2"), planned("done.wav", run_id="run-2")])
    assert ledger.jobs([sent, done]) == before


def test_open_jobs_are_those_of_one_engine_that_are_not_settled(ledger: Ledger):
    ledger.plan([planned("other.wav", engine="local")])
    first, sent, done = plan(ledger, "first.wav", "sent.wav", "done.wav")
    submit(ledger, sent, "t-1")
    submit(ledger, done, "t-2")
    ledger.fail(done, "t-2", "no audio", permanent=True)
    assert {job.key for job in ledger.open_jobs("assemblyai")} == {first, sent}


def test_a_job_that_was_never_planned_is_an_error_with_its_name(ledger: Ledger):
    with pytest.raises(UnknownJobError, match=key_of("x").recording_id[:12]):
        ledger.job(key_of("x"))
    assert ledger.jobs([key_of("x")]) == {}


def test_completing_and_failing_count_once_and_only_for_that_transcript(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    assert not ledger.complete(key, "t-1", None)
    submit(ledger, key)
    assert not ledger.fail(key, "t-other", "late news", permanent=True)
    assert ledger.complete(key, "t-1", 99.0)
    assert not ledger.complete(key, "t-1", None)
    assert not ledger.fail(key, "t-1", "late news", permanent=True)
    job = ledger.job(key)
    assert (job.state, job.reason, job.duration_s) == (JobState.COMPLETED, None, 12.5)


def test_the_service_tells_the_length_of_what_was_never_downloaded(ledger: Ledger):
    ledger.plan([planned(duration_s=None)])
    submit(ledger, key_of("talk.wav"))
    ledger.complete(key_of("talk.wav"), "t-1", 13.0)
    assert ledger.job(key_of("talk.wav")).duration_s == 13.0


def test_a_failure_that_may_pass_starts_again_from_the_file(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    submit(ledger, key)
    ledger.fail(key, "t-1", "Server error", permanent=False)
    plan(ledger, "talk.wav")
    job = ledger.job(key)
    assert job.state is JobState.PLANNED
    assert (job.transcript_id, job.upload_url, job.reason, job.settled_at) == (None,) * 4
    assert job.attempted_ago_s is None


def test_a_failure_for_good_stays(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    submit(ledger, key)
    ledger.fail(key, "t-1", "no audio", permanent=True)
    plan(ledger, "talk.wav")
    assert ledger.job(key).state is JobState.FAILED


def test_a_submission_in_doubt_survives_giving_up_and_planning_again(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    leave_in_doubt(ledger, key)
    assert ledger.give_up(key, "the service was out of reach")
    assert ledger.job(key).reason == "the service was out of reach"
    plan(ledger, "talk.wav")
    job = ledger.job(key)
    assert (job.state, job.upload_url, job.service) == (JobState.UPLOADED, UPLOAD, SERVICE)
    assert job.attempted_ago_s is not None
    assert 0 <= job.attempted_ago_s < 10


def test_an_accepted_submission_is_in_doubt_no_more(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    submit(ledger, key)
    assert ledger.job(key).attempted_ago_s is None


def test_nobody_gives_up_what_another_run_is_at_or_has_submitted(ledger: Ledger):
    held, sent = plan(ledger, "held.wav", "sent.wav")
    submit(ledger, sent)
    claim = ledger.claim(held)
    assert claim is not None
    with claim:
        assert not ledger.give_up(held, "too late")
    assert not ledger.give_up(sent, "too late")
    assert ledger.give_up(held, "now it may")


def test_what_a_service_has_forgotten_is_planned_again(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    submit(ledger, key)
    assert ledger.plan_again(key, "t-1")
    job = ledger.job(key)
    assert (job.state, job.transcript_id, job.upload_url) == (JobState.PLANNED, None, None)


def test_settled_jobs_are_untabled_until_they_are_marked(ledger: Ledger):
    done, failed, _ = plan(ledger, "done.wav", "failed.wav", "open.wav")
    submit(ledger, done, "t-1")
    ledger.complete(done, "t-1", None)
    ledger.give_up(failed, "unreadable")
    assert {job.key for job in ledger.untabled()} == {done, failed}
    assert {job.key for job in ledger.settled_in("2026-11-21")} == {done, failed}
    assert ledger.settled_in("2026-11-20") == ()
    ledger.mark_tabled(ledger.untabled())
    assert ledger.untabled() == ()
    assert ledger.job(done).tabled_at is not None
    assert [job.key for job in ledger.completed()] == [done]


def test_a_batch_is_open_until_its_last_job_is_settled(ledger: Ledger):
    first, second = plan(ledger, "first.wav", "second.wav")
    ledger.give_up(first, "unreadable")
    assert ledger.open_batches() == {ledger.job(first).batch}
    ledger.give_up(second, "unreadable")
    assert ledger.open_batches() == frozenset()


def test_a_job_settled_anew_while_the_tables_were_written_is_untabled(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    ledger.give_up(key, "unreadable")
    seen = ledger.untabled()
    plan(ledger, "talk.wav")
    submit(ledger, key)
    ledger.complete(key, "t-1", None)
    ledger.mark_tabled(seen)
    assert [job.key for job in ledger.untabled()] == [key]


def test_transcripts_of_known_jobs_are_told_from_strange_ones(ledger: Ledger):
    (key,) = plan(ledger, "talk.wav")
    submit(ledger, key)
    assert ledger.held_transcripts(["t-1", "t-2"]) == {"t-1"}
    assert ledger.held_transcripts([]) == frozenset()


def test_nothing_to_plan_or_to_mark_is_fine(ledger: Ledger):
    ledger.plan([])
    ledger.mark_tabled([])
    assert ledger.untabled() == ()
