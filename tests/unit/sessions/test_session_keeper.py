"""A session is written down as it goes: before anything is billed, line by line, and whole."""

import json
from pathlib import Path

import pytest

from fermata.errors import UsageError
from fermata.live.events import Hole, HoleReason, LlmAnswer, Notice
from fermata.live.turns import TurnState
from fermata.redact import remember_secret
from fermata.sessions import SessionKeeper, new_session_name
from fermata.sessions.lines import read_lines
from fermata.storage import Storage, StorageError
from tests.unit.sessions.happenings import began, channel_report, ended, plan, report, turn

SECRET = "k3y-of-somebody"


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "data"))


def state_of(storage: Storage, keeper: SessionKeeper) -> dict:
    return json.loads(storage.read(f"sessions/{keeper.session}/session.json"))


def lines_of(storage: Storage, keeper: SessionKeeper) -> list[dict]:
    return list(read_lines(storage.read(f"sessions/{keeper.session}/turns.jsonl")))


def test_what_is_about_to_be_streamed_is_on_disk_before_anything_is_opened(storage):
    with SessionKeeper(storage, plan()) as keeper:
        state = state_of(storage, keeper)
        assert state["state"] == "running"
        assert state["session_ids"] == []
        assert (state["source"], state["provider"]) == ("call.wav", "local")
        assert state["channels"] == ["Agent", "Caller"]
        assert state["parameters"]["max_turn_silence"] == 1280
        assert (state["preset"], state["min_turn_silence_ms"]) == ("balanced", 400)


def test_each_session_of_the_service_is_named_as_soon_as_it_began(storage):
    with SessionKeeper(storage, plan()) as keeper:
        keeper.on_event(0, began("one"))
        assert state_of(storage, keeper)["session_ids"] == ["one"]
        keeper.on_event(1, began("two"))
        assert state_of(storage, keeper)["session_ids"] == ["one", "two"]


def test_every_happening_is_a_line_at_once(storage):
    happenings = [
        lambda to: to.on_event(0, began()),
        lambda to: to.on_turn(turn(0, "hello", state=TurnState.OPEN)),
        lambda to: to.on_turn(turn(0, "Hello.")),
        lambda to: to.on_event(0, LlmAnswer(0, "a greeting", {})),
        lambda to: to.on_event(0, Notice("odd", "something odd")),
        lambda to: to.on_event(0, Hole(0, 50, HoleReason.DROPPED)),
        lambda to: to.on_event(0, ended()),
    ]
    with SessionKeeper(storage, plan()) as keeper:
        for count, happen in enumerate(happenings, start=1):
            happen(keeper)
            assert len(lines_of(storage, keeper)) == 1 + count
        keeper.on_end(report(channel_report(0, ())))
    kinds = [line["type"] for line in lines_of(storage, keeper)]
    assert kinds == [
        "session", "began", "turn", "turn", "llm_answer", "notice", "hole", "ended", "end",
    ]  # fmt: skip


def test_at_the_end_the_state_tells_what_the_session_came_to(storage):
    hole, notice = Hole(0.0, 50.0, HoleReason.DROPPED), Notice("odd", "something odd")
    late = turn(1, "Bye.", final_latency_ms=1000.0)
    with SessionKeeper(storage, plan()) as keeper:
        keeper.on_event(0, began())
        channel = channel_report(0, (turn(0, "Hello."), late), holes=(hole,), notices=(notice,))
        keeper.on_end(report(channel))
    state = state_of(storage, keeper)
    assert state["state"] == "ended"
    assert state["billed_s"] == 12.0
    assert state["billed_is_estimated"] is False
    assert state["audio_s"] == 10.0
    assert (state["dropped_frames"], state["reconnections"]) == (2, 0)
    assert state["final_latency_ms"] == {"p50": 800.0, "p90": 960.0}
    assert state["holes"] == [{"channel": 0, "start_ms": 0, "end_ms": 50, "reason": "dropped"}]
    assert state["notices"] == [{"channel": 0, "code": "odd", "text": "something odd"}]
    assert state["error"] is None
    assert state["recording"] is None


def test_a_saved_recording_stands_beside_the_turns(storage):
    with SessionKeeper(storage, plan()) as keeper:
        keeper.audio_path.write_bytes(b"RIFF")
        keeper.on_end(report())
    assert keeper.audio_path.parent == Path(storage.path(f"sessions/{keeper.session}"))
    assert state_of(storage, keeper)["recording"] == "audio.wav"
    assert keeper.written["recording"].endswith("audio.wav")


def test_a_session_that_failed_says_why(storage):
    with SessionKeeper(storage, plan()) as keeper:
        keeper.on_end(report(channel_report(0, (), error="the key is wrong")))
    state = state_of(storage, keeper)
    assert (state["state"], state["error"]) == ("failed", "the key is wrong")


def test_an_error_before_anything_was_streamed_is_kept_and_raised(storage):
    keeper = SessionKeeper(storage, plan())
    with pytest.raises(UsageError, match="no such model"), keeper:
        raise UsageError("no such model")
    state = state_of(storage, keeper)
    assert (state["state"], state["error"]) == ("failed", "no such model")


def test_an_interrupted_session_is_no_failure(storage):
    keeper = SessionKeeper(storage, plan()).__enter__()
    keeper.on_end(report(channel_report(0, (turn(0, "Hello."),)), interrupted=True))
    keeper.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    state = state_of(storage, keeper)
    assert (state["state"], state["interrupted"], state["turns"]) == ("ended", True, 1)


def test_a_full_disk_ends_the_lines_and_not_the_session(storage):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with SessionKeeper(storage, plan()) as keeper:
        keeper._close_lines()
        keeper._lines = Path("/dev/full").open("ab", buffering=0)  # noqa: SIM115
        keeper.on_turn(turn(0, "Hello."))
        keeper.on_turn(turn(1, "Bye."))
        keeper.on_end(report(channel_report(0, (turn(0, "Hello."), turn(1, "Bye.")))))
    state = state_of(storage, keeper)
    assert "No space left" in state["keeping_error"]
    assert (state["state"], state["turns"]) == ("ended", 2)


def test_names_sort_by_time_and_are_taken_once(storage):
    assert new_session_name() != new_session_name()
    with SessionKeeper(storage, plan(), "mine") as keeper:
        keeper.on_end(report())
    with pytest.raises(UsageError, match="there is a session mine already"):
        SessionKeeper(storage, plan(), "mine").__enter__()


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "x" * 101, "a b"])
def test_a_name_that_is_no_folder_is_refused(storage, name):
    with pytest.raises(UsageError, match="can't be named"):
        SessionKeeper(storage, plan(), name)


def test_a_data_folder_that_cannot_be_written_stops_before_anything_is_billed(tmp_path):
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(StorageError):
        SessionKeeper(Storage(str(tmp_path / "data")), plan()).__enter__()


def test_no_secret_gets_into_any_file(storage, tmp_path):
    url = f"wss://api.gladia.io/v2/live?token={SECRET}"
    asked = plan(parameters={"webhook_auth_header_value": SECRET, "url": url, "note": SECRET})
    remember_secret(SECRET)
    with SessionKeeper(storage, asked) as keeper:
        keeper.on_event(0, Notice("echo", f"{url} said {SECRET}"))
        keeper.on_event(0, LlmAnswer(0, SECRET, {"key": SECRET}))
        spoken = turn(0, f"my key is {SECRET}")
        keeper.on_turn(spoken)
        keeper.on_end(report(channel_report(0, (spoken,), error=f"{url} refused {SECRET}")))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 5
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
