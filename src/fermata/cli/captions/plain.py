"""Captions as plain lines, for a pipe, a file, or a terminal that can't move its cursor."""

from collections.abc import Iterable, Sequence
from types import TracebackType

from rich.console import Console
from rich.text import Text

from fermata.cli.captions.base import Captions
from fermata.cli.captions.feed import Feed
from fermata.cli.captions.wording import Line, encodable, printable
from fermata.live.events import LiveEvent
from fermata.live.report import SessionReport
from fermata.live.turns import HeardTurn


class PlainCaptions(Captions):
    """One line for each turn that is over, each answer, hole and notice.

    Args:
        console: Where they go; its width does not matter.
        channel_names: Those of the source.
    """

    def __init__(self, console: Console, channel_names: Sequence[str]) -> None:
        self._console = console
        self._feed = Feed(channel_names)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Shows what was not shown yet."""
        self._show(self._feed.end())

    def on_turn(self, turn: HeardTurn) -> None:
        """Shows the turn once it is over."""
        self._show(self._feed.turn(turn))

    def on_event(self, channel: int, event: LiveEvent) -> None:
        """Shows answers, holes and notices."""
        self._show(self._feed.event(channel, event))

    def on_end(self, report: SessionReport) -> None:  # noqa: ARG002 - turns are shown however it went
        """Shows what was not shown yet."""
        self._show(self._feed.end())

    def say(self, text: str, style: str = "") -> None:
        """Shows a line."""
        self._show([Line(Text(printable(text), style=style))])

    def _show(self, lines: Iterable[Line]) -> None:
        for line in lines:
            text = Text(" " * line.indent).append_text(line.text)
            self._console.print(encodable(text, self._console.encoding), soft_wrap=True)
            self._console.file.flush()
