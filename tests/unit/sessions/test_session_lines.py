"""The lines of `turns.jsonl`: what is written can be read back, torn or not."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fermata.live.events import Hole, HoleReason, Interrupted, LlmAnswer, Notice, SignOfLife
from fermata.live.turns import HeardTurn, TurnState
from fermata.sessions.cleaning import Cleaner
from fermata.sessions.lines import (
    LineWriter,
    event_object,
    heard_turn,
    newest_turns,
    read_lines,
    turn_object,
)
from tests.unit.sessions.happenings import began, turn, turns

WRITER = LineWriter(Cleaner())


def _in_whole_ms(turn: HeardTurn) -> HeardTurn:
    words = tuple(
        replace(word, start_ms=round(word.start_ms), end_ms=round(word.end_ms))
        for word in turn.words
    )
    latencies = {
        name: None if value is None else round(value)
        for name in ("first_partial_latency_ms", "final_latency_ms")
        for value in [getattr(turn, name)]
    }
    return replace(turn, words=words, **latencies)


@given(turns())
def test_a_turn_is_read_back_as_it_was_to_the_millisecond(heard: HeardTurn):
    line = json.loads(WRITER.line(turn_object(heard)))
    assert heard_turn(line) == _in_whole_ms(heard)


@given(st.lists(turns(), min_size=1, max_size=5), st.data())
def test_wherever_the_file_is_cut_only_its_last_line_is_lost(heard, data):
    lines = [WRITER.line(turn_object(each)).encode() for each in heard]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    complete = whole[:cut].count(b"\n")
    read = list(read_lines(whole[:cut]))
    # A line that lacks nothing but its line break is whole too.
    assert len(read) in {complete, complete + 1}
    assert [heard_turn(line) for line in read] == [
        _in_whole_ms(each) for each in heard[: len(read)]
    ]


def test_every_line_is_one_line_with_its_type_and_moment():
    line = WRITER.line(turn_object(turn(0, "one\ntwo\u2028three")))
    assert line.count("\n") == 1
    assert json.loads(line)["type"] == "turn"
    assert json.loads(line)["written_at"].endswith("Z")


def test_what_happens_to_a_channel_is_told_with_its_fields():
    hole = event_object(1, Hole(1000.4, 2000.0, HoleReason.DROPPED))
    assert hole == {
        "type": "hole",
        "channel": 1,
        "start_ms": 1000,
        "end_ms": 2000,
        "reason": "dropped",
    }
    assert event_object(0, Notice("llm_silent", "no answer")) == {
        "type": "notice",
        "channel": 0,
        "code": "llm_silent",
        "text": "no answer",
    }
    answer = event_object(0, LlmAnswer(3, "a demo", {"usage": {"max_tokens": 5}}))
    assert answer is not None
    assert (answer["type"], answer["turn_order"]) == ("llm_answer", 3)
    broken = event_object(0, Interrupted("lost", 0.5))
    assert broken is not None
    assert broken["retry_in_s"] == 0.5
    start = event_object(0, began())
    assert start is not None
    assert start["session_id"] == "session-1"


def test_acknowledged_audio_makes_no_line():
    assert event_object(0, SignOfLife()) is None


def test_of_each_turn_the_newest_state_counts_and_none_that_was_withdrawn():
    partial = turn(0, "he", state=TurnState.OPEN)
    gone = turn(1, "", state=TurnState.WITHDRAWN, words=())
    final, other = turn(0, "hello"), turn(0, "yes", channel=1)
    assert newest_turns([partial, turn(1, "so"), other, final, gone]) == (final, other)
