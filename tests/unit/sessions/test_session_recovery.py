"""A session whose process died is completed: nothing that was written is lost."""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import numpy as np
import pytest

from fermata.live.events import Failed, Hole, HoleReason, Interrupted, LlmAnswer, Notice
from fermata.live.frames import Block
from fermata.live.recorder import WavRecorder
from fermata.live.turns import TurnState
from fermata.sessions import SessionKeeper, recover
from fermata.sessions.completion import complete
from fermata.sessions.places import DEAD_AFTER_S
from fermata.storage import Storage
from fermata.tables import STREAMED_TURNS, STREAMED_WORDS, read_table
from tests.unit.sessions.happenings import began, channel_report, ended, plan, report, turn

ROOT = Path(__file__).parents[3]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "data"))


@pytest.fixture
def remote() -> Storage:
    return Storage(f"memory://{uuid.uuid4().hex}")


def abandon(keeper: SessionKeeper) -> None:
    """Leaves a session as a process that died long ago would."""
    keeper._heartbeat.stop()
    keeper._close_lines()
    age(keeper._working, keeper.session)


def age(storage: Storage, session: str) -> None:
    long_ago = time.time() - 2 * DEAD_AFTER_S
    os.utime(storage.path(f"sessions/{session}/session.json"), (long_ago, long_ago))


def state_of(storage: Storage, session: str) -> dict:
    return json.loads(storage.read(f"sessions/{session}/session.json"))


def test_processes_killed_at_any_moment_lose_no_turn(storage, tmp_path):
    script = Path(__file__).with_name("killed_keepers.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), str(tmp_path / "data"), "30"]
    done = subprocess.run(
        command, check=True, timeout=200, capture_output=True, text=True, env=environment
    )
    kept = {name: int(count) for name, count in map(str.split, done.stdout.splitlines())}
    begun = [name for name in kept if storage.exists(f"sessions/{name}/session.json")]
    for name in begun:
        age(storage, name)
        check_lines(storage, name, kept[name])
    assert sorted(recover(storage)) == sorted(begun)
    turns = read_table(storage, STREAMED_TURNS).groupby("session").size()
    assert all(turns.get(name, 0) >= kept[name] for name in kept)
    assert max(kept.values()) >= 9, "some of them lived for a while"


def check_lines(storage: Storage, session: str, acknowledged: int) -> None:
    """Every line but the last one is whole, and no turn that was kept is missing."""
    if not storage.exists(f"sessions/{session}/turns.jsonl"):
        assert acknowledged == 0
        return
    *whole, _torn = storage.read(f"sessions/{session}/turns.jsonl").split(b"\n")
    kinds = [json.loads(line)["type"] for line in whole]
    assert kinds.count("turn") >= acknowledged


def test_what_is_rebuilt_is_what_would_have_been_kept(storage):
    keeper = SessionKeeper(storage, plan()).__enter__()
    for channel in (0, 1):
        keeper.on_event(channel, began(f"session-{channel}"))
    keeper.on_turn(turn(0, "Hello.", session_id="session-0"))
    keeper.on_turn(turn(1, "I was say", session_id="session-0", state=TurnState.OPEN))
    keeper.on_turn(turn(0, "Hi.", channel=1, session_id="session-1"))
    keeper.on_event(0, LlmAnswer(0, "a greeting", {}))
    keeper.on_event(0, Hole(1000, 1500, HoleReason.DROPPED))
    keeper.on_event(1, Notice("odd", "something odd"))
    keeper.on_event(1, ended())
    abandon(keeper)

    assert recover(storage) == (keeper.session,)
    state = state_of(storage, keeper.session)
    assert (state["state"], state["interrupted"], state["turns"]) == ("broken off", True, 3)
    assert "died" in state["error"]
    assert state["session_ids"] == ["session-0", "session-1"]
    assert state["dropped_ms"] == 500
    assert [notice["code"] for notice in state["notices"]] == ["odd"]
    bills = [(each["billed_is_estimated"], each["error"]) for each in state["provider_sessions"]]
    assert bills[0][0] is True
    assert bills[1] == (False, None)
    rows = read_table(storage, STREAMED_TURNS)
    assert list(rows["text"]) == ["Hello.", "I was say", "Hi."]
    assert list(rows["state"]) == ["final", "open", "final"]
    assert list(rows["llm_answer"].fillna("")) == ["a greeting", "", ""]
    assert len(read_table(storage, STREAMED_WORDS)) == 5
    assert storage.exists(f"sessions/{keeper.session}/transcript.json")


def test_reconnections_and_failures_are_rebuilt(storage):
    keeper = SessionKeeper(storage, plan(channels=("Agent",))).__enter__()
    keeper.on_event(0, began("one"))
    keeper.on_event(0, Interrupted("lost", 0.5))
    keeper.on_event(0, began("two"))
    keeper.on_event(0, Failed("the account is empty"))
    abandon(keeper)
    recover(storage)
    state = state_of(storage, keeper.session)
    assert state["reconnections"] == 1
    assert [each["error"] for each in state["provider_sessions"]] == [
        "lost",
        "the account is empty",
    ]


def test_a_session_taken_up_again_is_one_session(storage):
    with SessionKeeper(storage, plan(channels=("Agent",)), "mine") as keeper:
        keeper.on_event(0, began("one"))
        keeper.on_event(0, Interrupted("lost", 0.5))
        keeper.on_event(0, began("one"))
        assert state_of(storage, "mine")["session_ids"] == ["one"]
        keeper.on_event(0, ended())
        age(storage, "mine")
        recover(storage)
        (session,) = state_of(storage, "mine")["provider_sessions"]
        assert (session["billed_s"], session["connections"]) == (12.0, 2)
        keeper.on_end(report())


def test_the_recording_tells_how_long_the_session_was(storage):
    keeper = SessionKeeper(storage, plan()).__enter__()
    with WavRecorder(keeper.audio_path, 16_000, 2):
        pass
    abandon(keeper)
    recover(storage)
    state = state_of(storage, keeper.session)
    assert (state["recording"], state["captured_s"]) == ("audio.wav", 0.0)


def test_what_nobody_heard_the_answer_for_is_marked(storage):
    keeper = SessionKeeper(storage, plan(channels=("Agent",))).__enter__()
    keeper.on_event(0, began("one"))
    final = turn(0, "Hello.")
    keeper.on_turn(final)
    with WavRecorder(keeper.audio_path, 16_000, 1) as recorder:
        recorder.write(Block(0, np.zeros((1, 10 * 16_000), np.int16)))
    abandon(keeper)
    recover(storage)
    state = state_of(storage, keeper.session)
    (hole,) = state["holes"]
    assert (hole["start_ms"], hole["end_ms"]) == (final.end_ms, 10_000)
    assert hole["reason"] == "unconfirmed"
    assert state["lost_ms"] == 10_000 - final.end_ms


def test_a_session_that_runs_is_left_alone(storage):
    with SessionKeeper(storage, plan()) as keeper:
        assert recover(storage) == ()
        assert state_of(storage, keeper.session)["state"] == "running"
        keeper.on_end(report())


def test_a_session_that_ended_long_ago_is_left_alone(storage):
    with SessionKeeper(storage, plan()) as keeper:
        keeper.on_end(report())
    age(storage, keeper.session)
    assert recover(storage) == ()


def test_the_end_of_a_session_taken_for_dead_has_the_last_word(storage):
    with SessionKeeper(storage, plan()) as keeper:
        keeper.on_turn(turn(0, "Hello."))
        age(storage, keeper.session)
        assert recover(storage) == (keeper.session,)
        keeper.on_end(report(channel_report(0, (turn(0, "Hello."), turn(1, "Bye.")))))
    assert state_of(storage, keeper.session)["state"] == "ended"
    assert list(read_table(storage, STREAMED_TURNS)["text"]) == ["Hello.", "Bye."]


def test_one_damaged_session_does_not_hold_up_the_others(storage):
    first, second = (SessionKeeper(storage, plan(), name).__enter__() for name in ("a", "b"))
    for keeper in (first, second):
        abandon(keeper)
    storage.write_atomically("sessions/a/session.json", b'{"state": "running"}')
    age(storage, "a")
    assert recover(storage) == ("b",)


def test_a_running_session_says_so_by_touching_its_file(storage):
    with SessionKeeper(storage, plan()) as keeper:
        age(storage, keeper.session)
        keeper._heartbeat._beat()
        assert recover(storage) == ()
        keeper.on_end(report())


def test_a_remote_data_folder_gets_all_files_at_the_end(remote, tmp_path):
    with SessionKeeper(remote, plan(), spool=tmp_path) as keeper:
        keeper.audio_path.write_bytes(b"RIFF")
        keeper.on_turn(turn(0, "Hello."))
        assert remote.list("sessions") == ()
        assert keeper.audio_path.parent.stat().st_mode & 0o077 == 0, "nobody else may listen"
        keeper.on_end(report(channel_report(0, (turn(0, "Hello."),))))
    names = [path.rpartition("/")[2] for path in remote.list("sessions")]
    assert names == ["audio.wav", "session.json", "transcript.json", "turns.jsonl"]
    assert list(read_table(remote, STREAMED_TURNS)["text"]) == ["Hello."]
    assert list(tmp_path.rglob("*.jsonl")) == []


def test_a_session_killed_before_its_upload_is_brought_in_later(remote, tmp_path):
    keeper = SessionKeeper(remote, plan(), spool=tmp_path).__enter__()
    keeper.on_turn(turn(0, "Hello."))
    abandon(keeper)
    other = Storage(f"memory://{uuid.uuid4().hex}")
    assert recover(other, spool=tmp_path) == (), "a spool belongs to one data folder"
    assert recover(remote, spool=tmp_path) == (keeper.session,)
    assert state_of(remote, keeper.session)["state"] == "broken off"
    assert list(read_table(remote, STREAMED_TURNS)["text"]) == ["Hello."]
    assert recover(remote, spool=tmp_path) == ()


def test_a_failed_upload_is_tried_again(remote, tmp_path):
    keeper = SessionKeeper(remote, plan(), spool=tmp_path).__enter__()
    keeper.on_end(report())
    complete(keeper._kept(None), keeper._cleaner, keeper._working, keeper._working)
    abandon(keeper)
    assert recover(remote, spool=tmp_path) == (keeper.session,)
    assert state_of(remote, keeper.session)["state"] == "ended"
