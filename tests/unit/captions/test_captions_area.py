"""What is drawn at the bottom of the terminal fits into it, whatever its size and the words."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from fermata.cli.captions.area import Area, ChannelNow, tail
from fermata.cli.captions.billing import Billed
from fermata.live.events import Ended, Failed, Interrupted
from tests.unit.sessions.happenings import began


def drawn(area: Area, width: int, height: int, encoding: str = "utf-8") -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, width=width, height=height, force_terminal=True)
    lines = console.render_lines(area, console.options, pad=False)
    return ["".join(segment.text for segment in line) for line in lines]


def area(*texts: str, level_dbfs: float | None = -20.0) -> Area:
    channels = [
        ChannelNow(Text(f"Speaker {number}"), text, level_dbfs)
        for number, text in enumerate(texts, start=1)
    ]
    return Area(channels, 75.0, Billed({0: ("b", 40.0)}, {"a": 10.0}), 100.0)


@given(st.lists(st.text(), max_size=5), st.integers(1, 120), st.integers(1, 12))
def test_no_line_is_wrapped_and_no_line_is_too_many(texts, width, height):
    lines = drawn(area(*texts), width, height)
    assert all(cell_len(line) <= width for line in lines)
    assert len(lines) <= max(1, min(height, len(texts) + 1))


@given(st.text(), st.integers(0, 40))
def test_the_end_of_a_long_text_is_kept(text, width):
    kept = tail(text, width, "…")
    assert cell_len(kept) <= width
    assert text.endswith(kept.removeprefix("…"))


def test_what_was_said_last_is_seen():
    assert tail("one two three", 8, "…") == "…o three"
    assert tail("日本語です", 6, "…") == "…です"
    assert tail("one", 3, "…") == "one"


def test_time_and_money_are_counted():
    assert drawn(area(""), 80, 24)[-1] == "01:15 elapsed, 01:10 billed, 1 session open"


def test_a_louder_channel_has_a_longer_meter():
    meters = [drawn(area("", level_dbfs=level), 80, 24)[0][:6] for level in (None, -27.0, -3.0)]
    assert meters == ["......", "|||...", "||||||"]


def test_where_there_is_no_room_for_all_channels_those_that_speak_are_seen():
    lines = drawn(area("", "", "", "hello"), 80, 4)
    assert len(lines) == 3
    assert "Speaker 4: hello" in lines[0]


def test_a_terminal_without_unicode_gets_what_it_can_show():
    (line, _) = drawn(area("日本 " + "long " * 40), 60, 24, encoding="ascii")
    assert line.isascii()
    assert "..." in line


def test_sessions_are_billed_while_they_are_open():
    billed = Billed().after(0, began("one"), 100.0).after(1, began("other"), 102.0)
    assert billed.total_s(110.0) == 10.0 + 8.0
    assert billed.open_sessions == 2
    billed = billed.after(0, Interrupted("lost", 0.5), 110.0)
    assert billed.total_s(120.0) == 10.0 + 18.0
    billed = billed.after(0, began("two"), 111.0).after(0, Failed("gone"), 112.0)
    assert billed.after(1, Ended(15.0, 16.0), 120.0).total_s(200.0) == 10.0 + 1.0 + 16.0


def test_the_end_of_a_session_that_never_began_costs_nothing():
    assert Billed().after(0, Failed("refused"), 100.0) == Billed()


def test_a_session_taken_up_again_is_billed_once():
    billed = Billed().after(0, began("one"), 100.0).after(0, Interrupted("lost", 0.5), 110.0)
    billed = billed.after(0, began("one"), 111.0)
    assert billed.total_s(112.0) == 11.0
    assert billed.after(0, Ended(12.0, 12.0), 113.0).total_s(200.0) == 12.0
