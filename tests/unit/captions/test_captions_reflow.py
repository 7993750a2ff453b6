"""Meters in a window that is made narrower: drawn over whole, though the terminal wrapped them."""

import io

import pyte
import pytest
from rich.console import Console
from rich.text import Text

from fermata.cli.captions.area import Area, ChannelNow
from fermata.cli.captions.billing import Billed
from fermata.cli.captions.reflow import ReflowedLive, rows_covered, wraps_anew

ROWS = 24


class Window:
    """A terminal that wraps anew what is on it, with captions drawn whenever the test says so."""

    def __init__(self, columns: int) -> None:
        self._file = io.StringIO()
        self._screen = pyte.Screen(columns, ROWS)
        self._console = Console(
            file=self._file, width=columns, height=ROWS, force_terminal=True, _environ={}
        )
        self.said = ""
        self.live = ReflowedLive(
            get_renderable=self._area, console=self._console, auto_refresh=False, transient=True
        )

    def draw(self) -> list[str]:
        """Draws once more, and returns what is on the screen."""
        self.live.refresh()
        return self.seen()

    def print_line(self, text: str) -> None:
        """Prints a line above the captions."""
        self._console.print(text)

    def make_narrower(self, columns: int) -> None:
        """Wraps what is on the screen, as the terminal does before anybody is told."""
        shown = [row[at : at + columns] for row in self.seen() for at in _starts(row, columns)]
        self._screen = pyte.Screen(columns, ROWS)
        pyte.Stream(self._screen).feed("\r\n".join(shown))
        self._console.width = columns

    def seen(self) -> list[str]:
        """All rows without the empty ones below."""
        pyte.Stream(self._screen).feed(self._file.getvalue().replace("\n", "\r\n"))
        self._file.seek(0)
        self._file.truncate()
        return "\n".join(row.rstrip() for row in self._screen.display).rstrip().split("\n")

    def _area(self) -> Area:
        channels = [ChannelNow(Text(name), self.said, -20.0) for name in ("Agent", "Caller")]
        return Area(channels, 75.0, Billed(), 100.0)


def _starts(row: str, columns: int) -> range:
    return range(0, max(1, len(row)), columns)


@pytest.fixture(autouse=True)
def terminal_that_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XTERM_VERSION", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize("columns", [79, 60, 45, 30, 20, 12])
def test_no_old_meter_stays_and_no_turn_is_lost(columns: int) -> None:
    window = Window(80)
    with window.live:
        window.print_line("Hello.")
        window.said = "word " * 30
        assert len(window.draw()) == 4
        window.make_narrower(columns)
        seen = window.draw()
        assert seen[0] == "Hello."
        assert len(seen) == 4
    assert window.seen() == ["Hello."]


def test_a_window_may_be_resized_again_and_again() -> None:
    window = Window(120)
    with window.live:
        window.print_line("Hello.")
        window.said = "word " * 40
        for columns in (100, 40, 90, 25, 70):
            window.draw()
            window.make_narrower(columns)
            assert len(window.draw()) == 4
    assert window.seen() == ["Hello."]


def test_nothing_above_is_erased_where_the_terminal_cuts_lines_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XTERM_VERSION", "XTerm(390)")
    window = Window(80)
    with window.live:
        window.print_line("Hello.")
        window.said = "word " * 30
        window.draw()
        window._console.width = 30
        assert window.draw()[0] == "Hello."


@pytest.mark.parametrize(
    ("environment", "wraps"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "xterm", "XTERM_VERSION": "XTerm(390)"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "screen", "STY": "1.pts"}, False),
    ],
)
def test_which_terminals_wrap_anew(environment: dict[str, str], *, wraps: bool) -> None:
    assert wraps_anew(environment) is wraps


def test_a_line_covers_a_row_at_least_and_as_many_as_it_needs() -> None:
    assert rows_covered([0, 10, 11, 20], 10) == 1 + 1 + 2 + 2
