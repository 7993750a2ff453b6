"""When a job is likely to be done: learned from those before it, by the length of the audio."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.ledger import JobKey
from fermata.transcription import OpenJob, PollPolicy
from fermata.transcription.likely import ProcessingTimes
from fermata.transcription.watches import Watches

POLICY = PollPolicy(interval_s=3.0)
JOB = OpenJob(JobKey("a", "b"), "call.wav", "id", "assemblyai", None, 60.0, is_new=True)


def test_of_the_first_job_nothing_is_known():
    assert ProcessingTimes().likely_s(60.0) is None


def test_a_job_is_likely_to_be_done_when_those_of_its_length_were_last_seen_not_to_be():
    times = ProcessingTimes()
    for not_yet_s in (9.7, 9.8, 9.9):
        times.learn(60.0, not_yet_s=not_yet_s, done_s=10.0)
    assert times.likely_s(55.0) == 9.8


def test_one_that_was_done_at_the_first_question_makes_the_next_one_earlier():
    times = ProcessingTimes()
    times.learn(60.0, not_yet_s=0.0, done_s=10.0)
    assert times.likely_s(60.0) == pytest.approx(9.5)


@pytest.mark.parametrize("duration_s", [None, 20.0, 3600.0])
def test_audio_of_another_length_tells_nothing(duration_s: float | None):
    times = ProcessingTimes()
    times.learn(60.0, not_yet_s=9.0, done_s=10.0)
    assert times.likely_s(duration_s) is None


def test_audio_of_unknown_length_learns_from_its_like():
    times = ProcessingTimes()
    times.learn(None, not_yet_s=9.7, done_s=10.0)
    assert times.likely_s(None) == 9.7


@given(st.floats(0.05, 600.0))
def test_jobs_that_take_the_same_time_are_soon_asked_for_when_it_is_over(takes_s: float):
    watches, now_s = Watches(POLICY), 0.0
    questions, late_s = [], []
    for _ in range(20):
        watches.add(JOB, now_s)
        begun_s, asked = now_s, 0
        while True:
            now_s = watches.next_due_s()
            watch, asked = watches.pop(), asked + 1
            if now_s - begun_s >= takes_s:
                break
            watches.put_back(watch, now_s)
        watches.done(watch, now_s)
        questions.append(asked)
        late_s.append(now_s - begun_s - takes_s)
    assert max(late_s[10:]) <= max(0.15, 0.06 * takes_s)
    assert sum(questions[10:]) <= 60


def test_while_nothing_is_known_one_is_asked_for_often_and_the_others_learn_from_it():
    watches = Watches(POLICY)
    for number in range(3):
        watches.add(replace(JOB, key=JobKey(str(number), "")), 0.0)
    scout = watches.pop()
    assert (scout.number, scout.due_s) == (1, 0.1)
    assert watches.next_due_s() == 3.0
    watches.put_back(scout, 0.1)
    watches.done(watches.pop(), 0.2)
    assert watches.next_due_s() == pytest.approx(0.2)


def test_a_job_of_an_earlier_run_is_asked_for_at_once():
    watches = Watches(POLICY)
    watches.add(replace(JOB, is_new=False), 5.0)
    assert watches.next_due_s() == 5.0
