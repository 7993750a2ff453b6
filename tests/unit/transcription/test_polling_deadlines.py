"""How long a job may take, and how often it is asked for."""

import time
from dataclasses import replace
from pathlib import Path

from fermata.ledger import JobState, Ledger
from fermata.localserver import LocalServer, LocalServerConfig
from fermata.recordings import Recording
from fermata.transcription import Outcome, OutcomeKind, PollPolicy
from tests.held_audio import held_audio
from tests.unit.transcription.bench import POLL, Bench, client_of, web_recording


class Clock:
    """A clock that goes on faster whenever somebody looks, and by hand."""

    def __init__(self, tick_s: float = 0.0) -> None:
        self.ahead_s = 0.0
        self.tick_s = tick_s

    def __call__(self) -> float:
        self.ahead_s += self.tick_s
        return time.monotonic() + self.ahead_s


def test_failures_count_only_in_a_row(bench: Bench, recording: Recording):
    bench.fault("job:outcome=never")
    bench.sent(recording)
    for after in range(0, 20, 2):
        bench.fault(f"poll:status=500,times=1,after={after}")
    policy = replace(POLL, failures_in_a_row=2, deadline_base_s=1, deadline_per_audio_s=0)
    outcome = bench.outcome(policy=policy, clock_s=Clock(tick_s=0.01))
    assert "not done after" in str(outcome.reason)


def test_a_job_that_never_ends_passes_its_deadline_and_is_resumed_later(
    bench: Bench, recording: Recording
):
    bench.fault("job:outcome=never,times=1")
    transcript_id = bench.sent(recording).transcript_id
    policy = replace(POLL, deadline_base_s=0.2, deadline_per_audio_s=0)
    outcome = bench.outcome(policy=policy, clock_s=Clock(tick_s=0.01))
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
    """One job is in work at a time, a second each, and the last waits beyond its deadline."""
    config = LocalServerConfig(concurrency=1, references=talk.parent)
    clock = Clock()
    with (
        held_audio(talk.read_bytes()) as audio,
        LocalServer(config) as server,
        Ledger(ledger_url) as ledger,
        client_of(server.url) as client,
    ):
        bench = Bench(server, client, ledger)
        recordings = [web_recording(f"{audio.url}/{number}") for number in range(4)]
        bench.plan(*recordings)
        for recording in recordings:
            bench.sent(recording)

        def let_the_next_go(outcome: Outcome) -> None:
            assert outcome.reason is None
            clock.ahead_s += 1
            audio.let_one_go()

        audio.let_one_go()
        policy = replace(POLL, deadline_base_s=1.5, deadline_per_audio_s=0)
        result = bench.poll(policy=policy, clock_s=clock, on_settled=let_the_next_go)
    assert [outcome.kind for outcome in result.settled] == [OutcomeKind.COMPLETED] * 4
