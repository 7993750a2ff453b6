"""The flow `calibrate` and a service that fails: each fault, and what becomes of the recording.

All the passing faults strike in one run, each at a recording of its own, so that the waits
they cause pass side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import requests

from fermata.assemblyai.errors import NoCreditError
from fermata.errors import UsageError
from fermata.ledger import JobState
from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from fermata.localserver.faults import Effect, Place
from tests.flows.conversations import Conversations
from tests.flows.running import KEY, FlowRunner, StartServer
from tests.flows.seen import FlowRun
from tests.held_audio import held_audio

PLACES = ("upload", "submit", "poll")
KINDS = {
    "429_seconds": "status=429,retry_after=1",
    "429_date": "status=429,retry_after_date=1",
    "500": "status=500",
    "html": "html=502",
    "reset_before": "reset=before",
    "reset_after": "reset=after",
    "truncated_json": "truncate=json",
    "truncated_body": "truncate=body",
}
PASSING = {
    f"{place}_{kind}": f"{place}:{fault},times=1"
    for place in PLACES
    for kind, fault in KINDS.items()
}


@dataclass(frozen=True)
class Storm:
    """A run in which every passing fault struck a recording, and what the service counted."""

    run: FlowRun
    contents: dict[str, str]
    server: LocalServer
    runner: FlowRunner


@pytest.fixture(scope="module")
def storm(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder = tmp_path_factory.mktemp("storm")
    conversations = Conversations(folder / "recordings")
    contents = {name: conversations.add(f"{name}.wav") for name in PASSING}
    faults = [parse_fault(f"{fault},content={contents[name]}") for name, fault in PASSING.items()]
    config = LocalServerConfig(references=conversations.folder, faults=tuple(faults))
    with LocalServer(config) as server, FlowRunner(folder / "data") as runner:
        runner.use(server)
        runner.set(FERMATA_SUBMISSION_DOUBT_S=0.5)
        yield Storm(runner.calibrate(conversations.folder), contents, server, runner)


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_fault_costs_no_recording_and_no_second_submission(
    storm: Storm, name: str
) -> None:
    recording = storm.run.by_name[f"{name}.wav"]
    assert (recording.status, recording.reason) == ("analysed", None)
    assert storm.server.store.submissions[storm.contents[name]] == 1


def test_all_the_faults_did_strike(storm: Storm) -> None:
    requests = storm.server.store.requests
    assert requests[Place.UPLOAD] >= len(PASSING) + len(KINDS)
    # Where the answer was lost after acceptance, nothing is sent again.
    accepted = 3
    assert requests[Place.SUBMIT] == len(PASSING) + len(KINDS) - accepted


def test_after_the_storm_nothing_is_left_to_do(storm: Storm) -> None:
    assert storm.run.message == f"{len(PASSING)} of {len(PASSING)} analysed"
    assert storm.server.store.submissions == dict.fromkeys(storm.contents.values(), 1)
    rows = storm.runner.table("recordings")
    assert sorted(rows["recording_id"]) == sorted(storm.contents.values())


def test_what_the_service_refuses_or_ends_in_error_fails_with_its_reason(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    bad, good = conversations.add("bad.wav"), conversations.add("good.wav")
    refused = conversations.add("refused.wav")
    text = "File does not appear to contain audio."
    server = serve(
        faults=(
            parse_fault(f"job:outcome=error,text={text},content={bad}"),
            parse_fault(f"submit:status=400,text=Invalid speech model.,content={refused}"),
        )
    )
    run = flows.calibrate(conversations.folder)
    assert run.message == "1 of 3 analysed, 2 failed"
    assert text in run.by_name["bad.wav"].reason
    assert "Invalid speech model." in run.by_name["refused.wav"].reason
    row = flows.table("recordings").set_index("name").loc["bad.wav"]
    assert (row["status"], row["transcript_id"]) == ("failed", run.by_name["bad.wav"].transcript_id)
    flows.calibrate(conversations.folder)
    assert server.store.submissions == {bad: 1, good: 1}


def test_what_fails_as_the_tables_are_written_is_told_by_its_own_reason(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("call.wav")
    server = serve()
    flows.data_dir.mkdir(parents=True)
    (flows.data_dir / "turns").write_text("no folder")
    run = flows.calibrate(conversations.folder)
    recording = run.by_name["call.wav"]
    assert recording.reason.startswith("not in the tables yet: ")
    assert "turns" in recording.reason
    assert recording.transcript_id
    (flows.data_dir / "turns").unlink()
    assert flows.calibrate(conversations.folder).message == "1 of 1 analysed"
    assert len(server.store.submissions) == 1


def test_a_job_that_failed_by_the_services_own_fault_is_tried_again_by_the_next_run(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    content = conversations.add("call.wav")
    server = serve(faults=(parse_fault("job:outcome=error,times=1"),))
    assert flows.calibrate(conversations.folder).state.is_failed()
    assert flows.calibrate(conversations.folder).message == "1 of 1 analysed"
    assert server.store.submissions == {content: 2}
    assert len(flows.table("recordings")) == 1


def test_a_job_that_never_ends_is_left_with_its_id_and_polled_by_the_next_run(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    from config import wiring

    stuck, good = conversations.add("stuck.wav"), conversations.add("good.wav")
    server = serve(faults=(parse_fault(f"job:outcome=never,content={stuck}"),))
    hidden = conversations.folder.with_name("hidden.wav")
    (conversations.folder / "stuck.wav").rename(hidden)
    flows.calibrate(conversations.folder)
    hidden.rename(conversations.folder / "stuck.wav")
    flows.set(FERMATA_POLL_DEADLINE_S=0.5)
    first = flows.calibrate(conversations.folder)
    assert first.message == "1 of 2 analysed, 1 failed"
    transcript_id = first.by_name["stuck.wav"].transcript_id
    assert transcript_id in server.store.transcripts
    assert transcript_id in first.by_name["stuck.wav"].reason

    polls = server.store.requests[Place.POLL]
    second = flows.calibrate(conversations.folder)
    assert second.by_name["stuck.wav"].transcript_id == transcript_id
    assert server.store.requests[Place.POLL] > polls
    assert server.store.requests[Place.SUBMIT] == 2
    assert server.store.submissions == {stuck: 1, good: 1}
    (open_job,) = wiring.ledger().open_jobs("assemblyai")
    assert (open_job.state, open_job.transcript_id) == (JobState.SUBMITTED, transcript_id)


def test_a_job_that_was_late_in_one_run_is_analysed_by_the_next(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    content = conversations.add("late.wav")
    server = serve(concurrency=1)
    with held_audio((conversations.folder / "late.wav").read_bytes()) as audio:
        # Another job keeps it waiting.
        requests.post(
            f"{server.url}/v2/transcript",
            json={"audio_url": audio.url},
            headers={"Authorization": KEY},
            timeout=60,
        ).raise_for_status()
        flows.set(FERMATA_POLL_DEADLINE_S=0.3)
        assert flows.calibrate(conversations.folder).message == "0 of 1 analysed, 1 failed"
        audio.let_one_go()
        flows.set(FERMATA_POLL_DEADLINE_S=200)
        assert flows.calibrate(conversations.folder).message == "1 of 1 analysed"
    assert server.store.submissions[content] == 1


def test_a_wrong_key_stops_the_run_before_anything_is_sent(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("call.wav")
    server = serve(api_keys=frozenset({"another-key"}))
    run = flows.calibrate(conversations.folder)
    assert run.state.is_failed()
    assert isinstance(run.result, UsageError)
    assert "ASSEMBLYAI_API_KEY" in str(run.result)
    assert KEY not in str(run.result)
    assert server.store.requests[Place.UPLOAD] == 0


def test_a_key_that_is_revoked_in_mid_run_stops_it_and_costs_nothing_later(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    contents = conversations.add_many(3)
    server = serve(faults=(parse_fault("submit:status=401"),))
    run = flows.calibrate(conversations.folder)
    assert run.state.is_failed()
    assert "ASSEMBLYAI_API_KEY" in str(run.result)
    # The first refusal stops the run, so how many it meets is not known.
    server.faults.clear()
    assert flows.calibrate(conversations.folder).message == "3 of 3 analysed"
    assert server.store.submissions == dict.fromkeys(contents, 1)


def test_an_account_without_credit_stops_the_run_at_once(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(30)
    server = serve(faults=(parse_fault("submit:status=402"),))
    run = flows.calibrate(conversations.folder)
    assert isinstance(run.result, NoCreditError)
    assert str(run.result).startswith("no credit: ")
    assert server.store.requests[Place.SUBMIT] < 30


def test_a_submission_that_may_have_been_accepted_is_in_doubt_and_the_next_run_settles_it(
    conversations: Conversations,
    serve: StartServer,
    flows: FlowRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tasks import policy

    doubtful, good = conversations.add("doubtful.wav"), conversations.add("good.wav")
    lost, late = "submit:reset=after,times=1", "listed:late_s=3600,times=1"
    server = serve(faults=[parse_fault(f"{fault},content={doubtful}") for fault in (lost, late)])
    flows.set(FERMATA_SUBMISSION_DOUBT_S=0.1)
    monkeypatch.setattr(policy, "_BELIEVED_AFTER", 1e6)
    run = flows.calibrate(conversations.folder)
    assert run.message == "1 of 2 analysed, 1 in doubt"
    in_doubt = run.by_name["doubtful.wav"]
    assert in_doubt.status == "in_doubt"
    assert in_doubt.reason.startswith("in doubt: a submission was cut off")
    for one in list(server.store.transcripts.values()):
        server.store.transcripts[one.id] = replace(one, listed=one.created)
    assert flows.calibrate(conversations.folder).message == "2 of 2 analysed"
    assert server.store.submissions == {doubtful: 1, good: 1}


def test_a_file_that_changed_after_it_was_hashed_is_not_submitted(
    conversations: Conversations,
    serve: StartServer,
    flows: FlowRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = conversations.add("call.wav")
    server = serve()
    path = conversations.folder / "call.wav"
    changed = path.read_bytes()[:-2] + b"\1\1"
    take = server.faults.take

    def change_and_take(place: Place, content_id: str | None) -> Effect | None:
        if place is Place.LIST:
            path.write_bytes(changed)
        return take(place, content_id)

    # The check of the service comes after hashing; the file changes while it is answered.
    monkeypatch.setattr(server.faults, "take", change_and_take)
    run = flows.calibrate(conversations.folder)
    assert run.by_name["call.wav"].status == "failed"
    assert content not in server.store.submissions
