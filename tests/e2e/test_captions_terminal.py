"""Live captions on a real pseudo-terminal: what a person sees in the end."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.e2e.pseudo_terminal import CaptionShower, CaptionTerminal

STATUS = "elapsed"

OnTerminal = Callable[..., CaptionTerminal]


@pytest.fixture(scope="module")
def on_terminal() -> Iterator[OnTerminal]:
    with CaptionShower() as shower:
        yield partial(CaptionTerminal, shower)


def shows(text: str) -> Callable[[list[str]], bool]:
    return lambda seen: any(text in line for line in seen)


def above_status(seen: list[str], channels: int) -> list[str]:
    """The scrollback: what stands above the lines that are drawn again and again."""
    assert STATUS in seen[-1]
    return seen[: -1 - channels]


def test_a_partial_is_replaced_in_place_and_its_final_stays_above(on_terminal):
    with on_terminal("Agent", "Caller") as terminal:
        terminal.until(shows(STATUS))
        for text in ("how", "how may", "how may I help"):
            terminal.happen("turn", order=0, text=text, state="open")
        seen = terminal.until(shows("Agent: how may I help"))
        assert above_status(seen, 2) == []
        assert "Caller:" in seen[1]
        terminal.happen("turn", order=0, text="How may I help?")
        terminal.happen("turn", order=0, text="my", state="open", channel=1)
        seen = terminal.until(shows("Caller: my"))
        assert above_status(seen, 2) == ["00:00.0  Agent: How may I help?"]
        assert seen[1].endswith("Agent:")


def test_both_channels_speak_at_once_each_in_its_line_and_colour(on_terminal):
    with on_terminal("Agent", "Caller") as terminal:
        terminal.happen("turn", order=0, text="one", state="open")
        terminal.happen("turn", order=0, text="two", state="open", channel=1)
        terminal.until(shows("Caller: two"))
        terminal.until(shows("Agent: one"))
        assert terminal.colour("Agent") != terminal.colour("Caller")


def test_the_end_leaves_all_turns_and_nothing_else(on_terminal):
    with on_terminal("Agent") as terminal:
        terminal.happen("began", session_id="one")
        terminal.happen("turn", order=0, text="Hello.")
        terminal.happen("answer", order=0, text="a greeting")
        terminal.happen("turn", order=1, text="and then", state="open")
        terminal.happen("end")
        assert terminal.close() == 0
        assert terminal.seen() == [
            "00:00.0  Agent: Hello.",
            "    > a greeting",
            "00:05.0  Agent: and then",
            "    (not heard to its end)",
        ]
        assert not terminal.screen.cursor.hidden


def test_an_error_leaves_the_turns_and_a_usable_terminal(on_terminal):
    with on_terminal("Agent") as terminal:
        terminal.happen("turn", order=0, text="Hello.")
        terminal.happen("fail", text="a bug of ours")
        assert terminal.close() == 1
        seen = terminal.seen()
        assert seen[0] == "00:00.0  Agent: Hello."
        assert seen[-1] == "RuntimeError: a bug of ours"
        assert not shows(STATUS)(seen)
        assert not terminal.screen.cursor.hidden


def test_notices_are_yellow_and_holes_are_marked(on_terminal):
    with on_terminal("Agent") as terminal:
        terminal.happen("notice", text="no answers came")
        terminal.happen("hole")
        terminal.happen("interrupted")
        seen = terminal.until(shows("trying again"))
        assert above_status(seen, 1) == [
            "note: no answers came",
            "[hole 00:01.0 to 00:02.0, Agent: lost before it could be sent]",
            "Agent: the connection was lost; trying again in 1 s",
        ]
        assert terminal.colour("note: no answers") == "brown"  # what pyte calls yellow


def test_a_corrected_speaker_is_said_below(on_terminal):
    with on_terminal("Microphone") as terminal:
        terminal.happen("turn", order=0, text="Hello.", speaker="A")
        terminal.happen("turn", order=0, text="Hello.", speaker="B")
        seen = terminal.until(shows("corrected"))
        assert above_status(seen, 1) == [
            "00:00.0  Speaker A: Hello.",
            "    corrected 00:00.0  Speaker B: Hello.",
        ]


def test_level_meters_follow_the_sound(on_terminal):
    with on_terminal("Agent", "Caller") as terminal:
        terminal.happen("levels", levels=[-100.0, -27.0])
        terminal.until(lambda seen: seen[0].startswith("......") and seen[1].startswith("|||..."))
        terminal.happen("levels", levels=[-3.0, -100.0])
        terminal.until(lambda seen: seen[0].startswith("||||||") and seen[1].startswith("......"))


def test_open_sessions_are_billed_by_the_second(on_terminal):
    with on_terminal("Agent", "Caller") as terminal:
        terminal.until(shows("00:00 billed, 0 sessions open"))
        terminal.happen("began", session_id="one")
        terminal.happen("began", session_id="two", channel=1)
        terminal.until(shows("00:01 billed, 2 sessions open"))
        terminal.happen("ended", billed_s=60)
        terminal.happen("ended", billed_s=61, channel=1)
        terminal.until(shows("02:01 billed, 0 sessions open"))


def test_wide_characters_and_long_partials_do_not_break_lines(on_terminal):
    with on_terminal("客服", columns=40, lines=12) as terminal:
        terminal.happen("turn", order=0, text="日本語 " * 30 + "終わり", state="open")
        seen = terminal.until(shows("…"))
        assert len(seen) == 2
        terminal.happen("turn", order=0, text="終わり。")
        terminal.happen("turn", order=1, text="🎧 next " * 20 + "last", state="open")
        seen = terminal.until(shows("last"))
        assert len(seen) == 3
        assert terminal.close() == 0


def test_a_narrow_terminal_shows_what_is_said_last(on_terminal):
    with on_terminal("Agent", columns=16, lines=10) as terminal:
        terminal.happen("turn", order=0, text="one two three four five six", state="open")
        seen = terminal.until(shows("six"))
        assert seen[0].startswith("…")
        assert len(seen) == 2


def test_resizing_does_not_break_lines(on_terminal):
    with on_terminal("Agent", "Caller", columns=80, lines=24) as terminal:
        terminal.happen("turn", order=0, text="Hello.")
        terminal.happen("turn", order=1, text="word " * 30 + "end", state="open")
        terminal.until(shows("end"))
        for columns, lines in ((30, 8), (24, 6), (100, 30)):
            terminal.resize(columns, lines)
            terminal.happen("turn", order=1, text="word " * 30 + f"at{columns}", state="open")
            terminal.until(shows(f"at{columns}"))
            drawn = [line for line in terminal.seen() if STATUS in line or "at" in line]
            assert len(drawn) == 2
        terminal.happen("turn", order=1, text="Done.")
        terminal.happen("end")
        assert terminal.close() == 0
        kept = [line for line in terminal.scrolled() if line]
        assert kept == ["00:00.0  Agent: Hello.", "00:05.0  Agent: Done."]


def test_more_turns_than_lines_scroll_up_and_stay(on_terminal):
    with on_terminal("Agent", lines=8) as terminal:
        for order in range(30):
            terminal.happen("turn", order=order, text=f"turn {order}", state="open")
            terminal.happen("turn", order=order, text=f"Turn {order}.")
        terminal.until(shows("Turn 29."))
        assert terminal.close() == 0
        said = [line.partition(": ")[2] for line in terminal.scrolled() if line]
        assert said == [f"Turn {order}." for order in range(30)]


def test_what_others_print_goes_above(on_terminal):
    with on_terminal("Agent") as terminal:
        terminal.happen("turn", order=0, text="I am", state="open")
        terminal.happen("print", text="a line of a library")
        seen = terminal.until(shows("a line of a library"))
        assert above_status(seen, 1) == ["a line of a library"]
        terminal.until(shows("Agent: I am"))


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(on_terminal):
    with on_terminal("Agent", term="dumb") as terminal:
        terminal.happen("turn", order=0, text="hel", state="open")
        terminal.happen("turn", order=0, text="Hello.")
        assert terminal.close() == 0
        assert terminal.seen() == ["00:00.0  Agent: Hello."]
