"""The lines at the bottom of the terminal that are drawn again and again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from fermata.cli.captions.billing import Billed
from fermata.cli.captions.wording import encodable, printable
from fermata.report.voices import clock

_METER_CELLS = 6
_QUIETEST_DBFS = -54.0
_LOUD_DBFS = -6.0
_NARROW = 40
_VERY_NARROW = 24
_LONGEST_NAME = 16
# Columns left free at the right, at least one: a terminal that is being made narrower wraps
# what does not fit, and what it wrapped before the next drawing can't be taken back.
_MARGIN_SHARE = 10
_LINES_BESIDE_CHANNELS = 2


@dataclass(frozen=True, slots=True)
class ChannelNow:
    """What is shown of a channel: who speaks, what was said so far, and how loud it is."""

    voice: Text
    text: str
    level_dbfs: float | None


@dataclass(frozen=True, slots=True)
class Area:
    """One line per channel, never wrapped, and one for time and money.

    Attributes:
        channels: In order; where there is no room for all, those that speak go first.
        elapsed_s: Since the beginning.
        billed: What it costs.
        now_s: The moment shown, on the clock of `time.monotonic`.
    """

    channels: Sequence[ChannelNow]
    elapsed_s: float
    billed: Billed
    now_s: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draws for the terminal's size at this moment."""
        width = max(1, options.max_width - max(1, options.max_width // _MARGIN_SHARE))
        ellipsis = "..." if options.ascii_only else "…"
        for channel in self._fitting(options.size.height - _LINES_BESIDE_CHANNELS):
            line = _channel_line(channel, width, ellipsis)
            line.truncate(width, overflow="crop")
            yield encodable(line, options.encoding)
        status = Text(self._status(), style="dim")
        status.truncate(width, overflow="crop")
        yield status

    def _fitting(self, lines: int) -> Sequence[ChannelNow]:
        if len(self.channels) <= lines:
            return self.channels
        speaking_first = sorted(self.channels, key=lambda channel: not channel.text)
        return speaking_first[: max(0, lines)]

    def _status(self) -> str:
        billed = clock(self.billed.total_s(self.now_s))
        sessions = self.billed.open_sessions
        count = "1 session" if sessions == 1 else f"{sessions} sessions"
        return f"{clock(self.elapsed_s)} elapsed, {billed} billed, {count} open"


def _channel_line(channel: ChannelNow, width: int, ellipsis: str) -> Text:
    line = Text(no_wrap=True)
    if width >= _NARROW:
        line.append_text(_meter(channel.level_dbfs)).append(" ")
    if width >= _VERY_NARROW:
        voice = channel.voice.copy()
        voice.truncate(_LONGEST_NAME, overflow="ellipsis")
        line.append_text(voice).append(": ")
    return line.append(tail(printable(channel.text), width - line.cell_len, ellipsis))


def _meter(level_dbfs: float | None) -> Text:
    level = _QUIETEST_DBFS if level_dbfs is None else level_dbfs
    share = (level - _QUIETEST_DBFS) / -_QUIETEST_DBFS
    filled = min(_METER_CELLS, max(0, round(share * _METER_CELLS)))
    meter = Text("|" * filled, style="red" if level > _LOUD_DBFS else "green")
    return meter.append("." * (_METER_CELLS - filled), style="dim")


def tail(text: str, width: int, ellipsis: str) -> str:
    """The end of a text that fits into so many columns: what was said last matters most."""
    if cell_len(text) <= width:
        return text
    kept = list(_fitting_backwards(text, width - cell_len(ellipsis)))
    return ellipsis + "".join(reversed(kept)).lstrip() if width >= cell_len(ellipsis) else ""


def _fitting_backwards(text: str, width: int) -> Iterator[str]:
    used = 0
    for character in reversed(text):
        used += cell_len(character)
        if used > width:
            return
        yield character
