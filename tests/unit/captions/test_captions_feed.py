"""When a turn becomes a line for good, and what is said about it later."""

from dataclasses import replace

import pytest

from fermata.cli.captions.feed import Feed
from fermata.live.events import Failed, Hole, HoleReason, Interrupted, LlmAnswer, Notice
from fermata.live.turns import TurnState
from tests.unit.sessions.happenings import began, turn, words_of


@pytest.fixture
def feed() -> Feed:
    return Feed(("Agent", "Caller"))


def plain(lines) -> list[str]:
    return [" " * line.indent + line.text.plain for line in lines]


def answer(order: int, text: str) -> LlmAnswer:
    return LlmAnswer(order, text, {})


def test_a_partial_is_no_line_but_what_is_being_spoken(feed):
    assert feed.turn(turn(0, "hel", state=TurnState.OPEN)) == []
    assert feed.current[0].text == "hel"


def test_a_formatted_final_is_a_line_at_once(feed):
    feed.turn(turn(0, "hello", state=TurnState.OPEN))
    assert plain(feed.turn(turn(0, "Hello."))) == ["00:00.0  Agent: Hello."]
    assert feed.current == {}


def test_an_unformatted_final_waits_for_its_formatting(feed):
    assert feed.turn(turn(0, "hello", is_formatted=False)) == []
    assert plain(feed.turn(turn(0, "Hello."))) == ["00:00.0  Agent: Hello."]


def test_an_unformatted_final_is_a_line_when_its_channel_goes_on(feed):
    feed.turn(turn(0, "hello", is_formatted=False))
    assert feed.turn(turn(0, "hi", channel=1, state=TurnState.OPEN)) == []
    lines = feed.turn(turn(1, "so", state=TurnState.OPEN))
    assert plain(lines) == ["00:00.0  Agent: hello"]


def test_formatting_that_comes_too_late_is_not_worth_a_line(feed):
    feed.turn(turn(0, "hello there", is_formatted=False))
    feed.turn(turn(1, "so", state=TurnState.OPEN))
    assert feed.turn(turn(0, "Hello, there.")) == []


def test_a_corrected_speaker_is_said(feed):
    said = turn(0, "Hello.", speaker="A")
    feed.turn(said)
    lines = feed.turn(replace(said, speaker="B"))
    assert plain(lines) == ["    corrected 00:00.0  Agent B: Hello."]
    assert lines[0].text.style == "dim"
    assert feed.turn(replace(said, speaker="B")) == []


def test_each_speaker_inside_a_turn_has_a_line(feed):
    spoken = words_of("ready now", speaker="A") + words_of("yes", 1500, speaker="B")
    assert plain(feed.turn(turn(0, "Ready now? Yes.", words=spoken))) == [
        "00:00.0  Agent A: ready now",
        "00:01.5  Agent B: yes",
    ]


def test_an_answer_stands_indented_under_its_turn(feed):
    feed.turn(turn(0, "Hello."))
    assert plain(feed.event(0, answer(0, "a greeting\n\nby the agent"))) == [
        "    > a greeting",
        "    > by the agent",
    ]


def test_an_answer_that_comes_late_says_what_it_answers(feed):
    feed.turn(turn(0, "Hello."))
    feed.turn(turn(0, "Hi.", channel=1, start_ms=1000))
    assert plain(feed.event(0, answer(0, "a greeting"))) == [
        "    on 00:00.0  Agent:",
        "    > a greeting",
    ]


def test_an_answer_brings_out_the_final_that_it_answers(feed):
    feed.turn(turn(0, "hello", is_formatted=False))
    assert plain(feed.event(0, answer(0, "a greeting"))) == [
        "00:00.0  Agent: hello",
        "    > a greeting",
    ]
    assert feed.event(0, answer(0, "")) == []


def test_a_turn_that_was_cut_off_says_so(feed):
    assert plain(feed.turn(turn(0, "I was", state=TurnState.CUT))) == [
        "00:00.0  Agent: I was",
        "    (not heard to its end)",
    ]


def test_a_turn_that_is_heard_again_is_withdrawn(feed):
    feed.turn(turn(0, "I was", state=TurnState.OPEN))
    assert feed.turn(turn(0, "", words=(), state=TurnState.WITHDRAWN)) == []
    assert feed.current == {}
    assert feed.end() == []


def test_at_the_end_nothing_is_left_out(feed):
    feed.turn(turn(0, "later", channel=1, start_ms=9000, is_formatted=False))
    feed.turn(turn(0, "I was", state=TurnState.OPEN))
    assert plain(feed.end()) == [
        "00:00.0  Agent: I was",
        "    (not heard to its end)",
        "00:09.0  Caller: later",
    ]
    assert feed.end() == []


def test_holes_drops_and_failures_are_said(feed):
    hole = Hole(1000, 2500, HoleReason.UNCONFIRMED)
    assert plain(feed.event(1, hole)) == [
        "[hole 00:01.0 to 00:02.5, Caller: the service did not answer for it, words may be missing]"
    ]
    assert plain(feed.event(0, Interrupted("lost", 0.5))) == ["Agent: lost; trying again in 1 s"]
    assert plain(feed.event(0, Failed("no money"))) == ["Agent: no money"]
    assert feed.event(0, began()) == []


def test_channels_that_say_the_same_are_heard_once(feed):
    notice = Notice("configuration", "format_turns is not what was asked for")
    assert len(feed.event(0, notice)) == 1
    assert feed.event(1, notice) == []


def test_what_somebody_says_does_not_steer_the_terminal(feed):
    said = turn(0, "\x1b[2Jgone\r\nnew\x07 \u202eline\u2028end \x9b31m")
    (line,) = plain(feed.turn(said))
    assert line == r"00:00.0  Agent: \x1b[2Jgone new\x07 \u202eline end \x9b31m"


def test_each_voice_keeps_its_colour(feed):
    styles = [
        {str(feed.wording.voice(channel, speaker).style) for _ in range(2)}
        for channel, speaker in ((0, "A"), (0, "B"), (1, None))
    ]
    assert all(len(each) == 1 for each in styles)
    assert len(set.union(*styles)) == 3
