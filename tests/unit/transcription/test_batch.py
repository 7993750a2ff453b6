"""A batch on plain threads: so many at the service at once, each place filled again at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fermata.assemblyai import AssemblyAIClient, AuthenticationError, StoppedError
from fermata.assemblyai.client import ReceivedTranscript
from fermata.assemblyai.errors import NoCreditError
from fermata.ledger import JobKey, JobState, Ledger
from fermata.localserver import LocalServer, LocalServerConfig, Place
from fermata.localserver.store import Store
from fermata.recordings import Recording, open_content
from fermata.transcription import (
    Batch,
    DoubtPolicy,
    Outcome,
    OutcomeKind,
    Places,
    Polling,
    Settler,
    Steps,
    submit_once,
)
from tests.unit.transcription.bench import (
    KEY,
    POLL,
    RETRY,
    SUBMIT,
    Bench,
    client_of,
    recording_of,
)

NEW = (JobState.PLANNED, JobState.UPLOADED)


@dataclass(frozen=True)
class Item:
    recording: Recording
    key: JobKey

    @property
    def name(self) -> str:
        return self.recording.name


class Runner:
    """Runs batches as a flow does, with threads in place of tasks."""

    def __init__(self, bench: Bench, recordings: list[Recording]) -> None:
        self.bench = bench
        bench.plan(*recordings)
        self.items = [
            Item(each, JobKey(each.recording_id, bench.options.options_hash)) for each in recordings
        ]
        self.submit: Callable[..., Any] = submit_once
        self.policy = SUBMIT
        self.doubt: DoubtPolicy | None = None
        self.archive: Callable[[JobKey, bytes], object] = bench.archived.__setitem__

    def run(self, most: int = 50, stop: threading.Event | None = None) -> dict[JobKey, Outcome]:
        bench, places = self.bench, Places(most)
        settler = Settler(bench.client, bench.ledger, self.archive, at_the_end=places.give_back)
        polling = Polling(settler, policy=POLL, stop=stop or threading.Event())
        with ThreadPoolExecutor(5) as threads:
            steps: Steps[Item, Future[Any]] = Steps(
                submit=lambda item: threads.submit(self._submit, item, places),
                poll=lambda: threads.submit(polling.run),
                result_of=lambda future: future.exception() or future.result(),
                at_once=4,
            )
            return Batch(
                [item for item in self.items if self.state_of(item) in NEW],
                bench.ledger.open_jobs("assemblyai"),
                steps=steps,
                places=places,
                polling=polling,
                ledger=bench.ledger,
                on_settled=bench.told.append,
                doubt=self.doubt,
            ).run()

    def state_of(self, item: Item) -> JobState:
        return self.bench.ledger.job(item.key).state

    def _submit(self, item: Item, places: Places) -> Any:
        return self.submit(
            item.recording,
            self.bench.options,
            client=self.bench.client,
            ledger=self.bench.ledger,
            open_content=open_content,
            policy=self.policy,
            places=places,
        )


@pytest.fixture
def calls(talk: Path) -> list[Recording]:
    """Ten recordings that the server knows."""
    made = []
    for number in range(10):
        path = talk.with_name(f"call-{number}.wav")
        path.write_bytes(b"known by its content, %d" % number)
        path.with_suffix(".json").write_bytes(talk.with_suffix(".json").read_bytes())
        made.append(recording_of(path))
    return made


@pytest.fixture
def bench(calls: list[Recording], talk: Path, ledger_url: str) -> Iterator[Bench]:
    config = LocalServerConfig(references=talk.parent, concurrency=50)
    with (
        LocalServer(config) as server,
        Ledger(ledger_url) as ledger,
        client_of(server.url) as client,
    ):
        yield Bench(server, client, ledger)


@pytest.fixture
def runner(bench: Bench, calls: list[Recording]) -> Runner:
    return Runner(bench, calls)


def test_a_batch_comes_to_its_end_and_nothing_is_left(runner: Runner, bench: Bench):
    assert runner.run() == {}
    assert [outcome.kind for outcome in bench.told] == [OutcomeKind.COMPLETED] * 10
    assert {runner.state_of(item) for item in runner.items} == {JobState.COMPLETED}
    assert bench.submissions == [1] * 10


def test_no_more_are_at_the_service_than_have_a_place(
    runner: Runner, bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    at_once = []
    add = Store.add_transcript

    def counted(store: Store, *arguments: Any, **options: Any) -> Any:
        transcript = add(store, *arguments, **options)
        at_once.append(sum(one.status != "completed" for one in store.transcripts.values()))
        return transcript

    monkeypatch.setattr(Store, "add_transcript", counted)
    assert runner.run(most=3) == {}
    assert max(at_once) <= 3
    assert bench.submissions == [1] * 10


class HangingClient(AssemblyAIClient):
    """The real client; some answers come only when all the others are there."""

    def hang(self, bench: Bench, contents: set[str]) -> None:
        self._bench, self._contents = bench, contents

    def transcript(self, transcript_id: str) -> ReceivedTranscript:
        if self._bench.server.store.transcripts[transcript_id].content_id in self._contents:
            pause, others = threading.Event(), 10 - len(self._contents)
            while len(self._bench.told) < others:
                pause.wait(0.01)
        return super().transcript(transcript_id)


def test_a_hanging_answer_delays_its_own_job_alone(runner: Runner, bench: Bench):
    """More answers hang than there are threads that ask, until all others are settled."""
    hanging = {item.key.recording_id for item in runner.items[:6]}
    with HangingClient(bench.server.url, KEY, retry=RETRY) as client:
        client.hang(bench, hanging)
        bench.client = client
        assert runner.run() == {}
    assert not hanging & {outcome.key.recording_id for outcome in bench.told[:4]}
    assert len(bench.told) == 10


def test_a_job_of_an_earlier_run_is_only_asked_for(runner: Runner, bench: Bench):
    runner.submit(
        runner.items[0].recording,
        bench.options,
        client=bench.client,
        ledger=bench.ledger,
        open_content=open_content,
        policy=SUBMIT,
    )
    assert runner.run() == {}
    assert bench.submissions == [1] * 10


def test_a_fault_of_ours_in_one_recording_does_not_sink_the_others(runner: Runner, bench: Bench):
    broken = runner.items[4]

    def submit(recording: Recording, *arguments: Any, **options: Any) -> Any:
        if recording == broken.recording:
            raise RuntimeError("a defect")
        return submit_once(recording, *arguments, **options)

    runner.submit = submit
    (left,) = runner.run().values()
    assert (left.key, left.kind) == (broken.key, OutcomeKind.UNFINISHED)
    assert "RuntimeError: a defect" in str(left.reason)
    assert len(bench.told) == 10


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (402, NoCreditError)])
@pytest.mark.parametrize("place", ["submit", "poll"])
def test_what_is_of_the_account_ends_the_batch_and_nobody_waits_for_a_place(
    runner: Runner, bench: Bench, place: str, status: int, error: type[Exception]
):
    bench.fault(f"{place}:status={status}")
    with pytest.raises(error):
        runner.run(most=2)
    assert bench.server.store.requests[Place.SUBMIT] <= 8


def doubtful(runner: Runner, bench: Bench) -> str:
    """The answer to one submission is lost, and the list does not show it."""
    content_id = runner.items[0].key.recording_id
    bench.fault(f"submit:reset=after,times=1,content={content_id}")
    bench.fault(f"listed:late_s=3600,times=1,content={content_id}")
    runner.doubt = DoubtPolicy(
        believed_s=3600, run_looks_s=60, call_looks_s=0, first_pause_s=0.02, longest_pause_s=0.05
    )
    runner.policy = replace(SUBMIT, doubt=runner.doubt)
    return content_id


def list_all(bench: Bench) -> None:
    transcripts = bench.server.store.transcripts
    for one in list(transcripts.values()):
        transcripts[one.id] = replace(one, listed=one.created)


def test_a_submission_that_is_listed_late_is_found_while_the_others_go_on(
    runner: Runner, bench: Bench
):
    content_id = doubtful(runner, bench)

    def list_after_the_others(key: JobKey, raw: bytes) -> None:
        bench.archived[key] = raw
        if len(bench.archived) == 9:
            list_all(bench)

    runner.archive = list_after_the_others
    assert runner.run(most=1) == {}
    assert bench.told[-1].key.recording_id == content_id
    assert bench.submissions == [1] * 10


def test_a_doubt_that_can_not_be_settled_is_left_to_a_later_run_and_not_sent_again(
    runner: Runner, bench: Bench
):
    content_id = doubtful(runner, bench)
    runner.doubt = replace(runner.doubt, run_looks_s=0.1)
    (left,) = runner.run().values()
    assert (left.kind, left.key.recording_id) == (OutcomeKind.IN_DOUBT, content_id)
    assert len(bench.told) == 10
    list_all(bench)
    assert runner.run() == {}
    assert bench.submissions == [1] * 10


def test_stopping_ends_the_batch_and_a_later_one_goes_on(runner: Runner, bench: Bench):
    stop = threading.Event()
    archive = bench.archived.__setitem__

    def stop_after_the_first(key: JobKey, raw: bytes) -> None:
        archive(key, raw)
        stop.set()

    runner.archive = stop_after_the_first
    with pytest.raises(StoppedError):
        runner.run(most=3, stop=stop)
    assert runner.run() == {}
    assert bench.submissions == [1] * 10
