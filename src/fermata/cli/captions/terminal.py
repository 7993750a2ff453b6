"""Captions on a terminal: what is being said, replaced in place, below what was said."""

import sys
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from fermata.cli.captions.area import Area, ChannelNow
from fermata.cli.captions.base import Captions
from fermata.cli.captions.billing import Billed
from fermata.cli.captions.feed import Feed
from fermata.cli.captions.reflow import ReflowedLive
from fermata.cli.captions.wording import Line, encodable, printable
from fermata.live.events import LiveEvent
from fermata.live.report import SessionReport
from fermata.live.turns import HeardTurn
from fermata.report.fitting import Words

_REDRAWN_PER_S = 8


class TerminalCaptions(Captions):
    """Live captions with level meters, elapsed and billed time.

    Levels come on the capture thread and the drawing has a thread of its own. Each replaces or
    reads whole values that are never changed, so nobody waits for anybody.

    Args:
        console: A terminal.
        channel_names: Those of the source.
    """

    def __init__(self, console: Console, channel_names: Sequence[str]) -> None:
        self._console = console
        self._feed = Feed(channel_names)
        self._channels = range(len(channel_names))
        self._silent = tuple(self._feed.wording.voice(index, None) for index in self._channels)
        self._speaking: tuple[tuple[Text, str], ...] = self._now_speaking()
        self._levels: tuple[float, ...] = ()
        self._billed = Billed()
        self._began_s = time.monotonic()
        self._live = ReflowedLive(
            get_renderable=self._area,
            console=console,
            refresh_per_second=_REDRAWN_PER_S,
            transient=True,
            # What others print goes above the area; but not what was sent elsewhere.
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        """Begins to draw."""
        self._began_s = time.monotonic()
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Shows what was not shown yet, and takes away what was drawn below it."""
        self._show(self._feed.end())
        self._live.stop()

    def on_turn(self, turn: HeardTurn) -> None:
        """Shows the turn: below while it may change, above once it is over."""
        self._show(self._feed.turn(turn))

    def on_event(self, channel: int, event: LiveEvent) -> None:
        """Shows answers, holes and notices, and what the session costs."""
        self._billed = self._billed.after(channel, event, time.monotonic())
        self._show(self._feed.event(channel, event))

    def on_end(self, report: SessionReport) -> None:  # noqa: ARG002 - turns are shown however it went
        """Shows what was not shown yet."""
        self._show(self._feed.end())

    def on_levels(self, levels: tuple[float, ...]) -> None:
        """Takes the levels of the channels in dBFS; any thread."""
        self._levels = levels

    def say(self, text: str, style: str = "") -> None:
        """Shows a line above; any thread."""
        self._print(Line(Text(printable(text), style=style)))

    def _show(self, lines: Iterable[Line]) -> None:
        """Prints lines; what they hold is no longer drawn below from the same moment on."""
        self._speaking = self._now_speaking()
        for line in lines:
            self._print(line)

    def _print(self, line: Line) -> None:
        text = encodable(line.text, self._console.encoding)
        self._console.print(Words(text, line.indent), crop=False)

    def _now_speaking(self) -> tuple[tuple[Text, str], ...]:
        current = self._feed.current
        return tuple(self._speaker(index, current.get(index)) for index in self._channels)

    def _speaker(self, channel: int, turn: HeardTurn | None) -> tuple[Text, str]:
        if turn is None:
            return self._silent[channel], ""
        newest = turn.segments[-1]
        return self._feed.wording.voice(channel, newest.speaker), turn.text

    def _area(self) -> Area:
        """What is drawn; called by the thread that draws."""
        now_s = time.monotonic()
        levels = self._levels
        channels = [
            ChannelNow(voice, text, levels[index] if index < len(levels) else None)
            for index, (voice, text) in enumerate(self._speaking)
        ]
        return Area(channels, now_s - self._began_s, self._billed, now_s)
