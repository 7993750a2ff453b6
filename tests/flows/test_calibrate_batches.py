"""The flow `calibrate` on folders where not all is well, in the API's mode."""

import json
import shutil
from pathlib import Path

from fermata.errors import UsageError
from fermata.localserver import parse_fault
from tests.flows.conversations import Conversations, write_sound
from tests.flows.running import FlowRunner, StartServer


def make_empty(path: Path) -> None:
    path.touch()


def make_text(path: Path) -> None:
    path.write_text("this is no sound")


def make_dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere.wav"))


BAD_FILES = {
    "empty": (make_empty, "0 bytes"),
    "text": (make_text, "replace or remove"),
    "dangling": (make_dangling_link, "link"),
}


def test_bad_files_fail_with_their_reason_and_the_run_only_beyond_the_configured_share(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_many(2, "good")
    for kind, (make, _) in BAD_FILES.items():
        make(conversations.folder / f"{kind}.wav")
    server = serve()
    flows.set(FERMATA_MAX_FAILED_SHARE=0.6)
    run = flows.calibrate(conversations.folder)
    assert run.state.is_completed()
    assert (run.state.name, run.message) == ("Some failed", "2 of 5 analysed, 3 failed")
    for kind, (_, reason) in BAD_FILES.items():
        bad = run.by_name[f"{kind}.wav"]
        assert (bad.status, bad.transcript_id) == ("failed", None)
        assert reason in bad.reason
    assert server.store.submissions.total() == 2
    flows.set(FERMATA_MAX_FAILED_SHARE=0.5)
    assert flows.calibrate(conversations.folder).state.is_failed()


def test_the_same_content_under_two_names_is_submitted_once(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    content = conversations.add("a/monday.wav")
    (conversations.folder / "b").mkdir()
    shutil.copy(conversations.folder / "a" / "monday.wav", conversations.folder / "b" / "copy.wav")
    server = serve()
    run = flows.calibrate(conversations.folder)
    assert server.store.submissions == {content: 1}
    assert server.store.uploads_per_content == {content: 1}
    assert run.by_name["b/copy.wav"].duplicate_of == "a/monday.wav"
    assert run.message == "1 of 1 analysed, 1 repeated under another name"
    assert run.result.passed_over == {".json": 1}
    assert "1 other file was passed over: 1 .json" in run.result.notes
    counted = {name: group.recordings_analysed for name, group in run.groups.items()}
    assert (counted, run.overall.recordings_analysed) == ({"a": 1, "b": 1}, 1)


def test_a_known_recording_costs_no_request_and_a_new_one_is_added(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    old = conversations.add_many(2, "old")
    new = write_sound(conversations.folder / "new" / "new.wav", "new")
    hidden = conversations.folder / "new"
    server = serve()
    moved = hidden.rename(conversations.folder.with_name("elsewhere"))
    flows.calibrate(conversations.folder)
    before = server.store.requests.copy()
    again = flows.calibrate(conversations.folder)
    assert server.store.requests == before
    assert not [name for name in again.task_runs() if name.startswith(("upload", "wait for"))]
    moved.rename(hidden)
    third = flows.calibrate(conversations.folder)
    uploads = [name for name in third.task_runs() if name.startswith("upload")]
    assert uploads == ["upload and submit new/new.wav"]
    assert server.store.submissions == dict.fromkeys([*old, new], 1)


def test_a_renamed_folder_is_another_group_and_nothing_is_sent_again(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("sales/call.wav")
    server = serve()
    assert set(flows.calibrate(conversations.folder).groups) == {"sales"}
    (conversations.folder / "sales").rename(conversations.folder / "support")
    assert set(flows.calibrate(conversations.folder).groups) == {"support"}
    assert server.store.submissions.total() == 1


def test_a_folder_that_is_not_there_fails_the_run(flows: FlowRunner, tmp_path: Path) -> None:
    run = flows.calibrate(tmp_path / "nowhere")
    assert run.state.is_failed()
    assert isinstance(run.result, UsageError)
    assert "nowhere" in str(run.result)


def test_a_folder_of_bad_files_fails_the_run(flows: FlowRunner, tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        make_text(tmp_path / name)
    run = flows.calibrate(tmp_path)
    assert run.state.is_failed()
    assert run.message == "0 of 2 analysed, 2 failed"


def test_a_conversation_without_turns_is_no_failure_and_groups_are_left_out_if_so_asked(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add_transcript("nobody.wav", {"utterances": []})
    conversations.add_transcript(
        "alone.wav", {"utterances": [{"speaker": "A", "start": 0, "end": 900, "text": "hello"}]}
    )
    conversations.add("calls/overlapping.wav", gaps_ms=[-200, -300])
    serve()
    run = flows.calibrate(conversations.folder, group_by="none")
    statuses = {name: str(each.status) for name, each in run.by_name.items()}
    assert statuses == {
        "nobody.wav": "too_few_utterances",
        "alone.wav": "too_few_utterances",
        "calls/overlapping.wav": "no_gaps",
    }
    assert set(run.groups) == {"default"}
    assert run.overall.choice.title == "Balanced (Default)"


def test_more_recordings_than_may_be_at_the_service_at_once_go_in_chunks(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    contents = conversations.add_many(9)
    server = serve()
    flows.set(FERMATA_MAX_CONCURRENT_RECORDINGS=4)
    run = flows.calibrate(conversations.folder)
    assert run.message == "9 of 9 analysed"
    assert server.store.submissions == dict.fromkeys(contents, 1)


def test_the_ui_shows_retries_refusals_and_how_far_the_run_came(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    busy, refused = conversations.add("busy.wav"), conversations.add("refused.wav")
    # The client gives up after six attempts.
    busy_for_long = f"upload:status=429,retry_after=0,times=7,content={busy}"
    refusal = f"submit:status=400,text=no speech model of that name,content={refused}"
    server = serve(faults=(parse_fault(busy_for_long), parse_fault(refusal)))
    run = flows.calibrate(conversations.folder)
    assert run.message == "1 of 2 analysed, 1 failed"
    task_runs = run.task_runs()
    assert task_runs["upload and submit busy.wav"].run_count == 2
    of_refused = task_runs["upload and submit refused.wav"]
    assert (of_refused.run_count, of_refused.state.name) == (1, "Failed")
    assert "no speech model of that name" in run.by_name["refused.wav"].reason
    assert server.store.submissions == {busy: 1}
    assert run.artifact("calibration-progress").data == 100.0
    table = json.loads(run.artifact("calibration").data)
    assert [row["analysed"] for row in table] == ["1 of 2", "1 of 2"]
