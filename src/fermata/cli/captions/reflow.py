"""Drawing over what a terminal has wrapped anew because its window was made narrower.

Rich goes up by as many lines as it has drawn. Where the terminal has wrapped these meanwhile, they
cover more rows, and what is not gone over stays on the screen.
"""

import os
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType, Segment

# They cut lines off instead: the Linux console, rxvt, GNU screen (STY), xterm by itself.
_CUTS_TERMS = ("linux", "rxvt", "vt")
_CUTS_VARIABLES = ("XTERM_VERSION", "STY")


def wraps_anew(environment: Mapping[str, str]) -> bool:
    """Whether the terminal wraps what is on the screen when it is made narrower, as most do."""
    named = any(environment.get(name) for name in _CUTS_VARIABLES)
    return not named and not environment.get("TERM", "").startswith(_CUTS_TERMS)


def rows_covered(cells: Sequence[int], columns: int) -> int:
    """How many rows lines of so many cells cover in a terminal of so many columns."""
    return sum(max(1, -(-each // max(1, columns))) for each in cells)


class ReflowedLive(Live):
    """Rich's live display, which goes over all that its lines cover by now."""

    _drawn_cells: Sequence[int] = ()

    def get_renderable(self) -> ConsoleRenderable:
        """What is drawn, measured as it is drawn."""
        return _Measured(super().get_renderable(), self._keep)

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Goes up by the rows that wrapping has added, before Rich goes up by its lines."""
        found = super().process_renderables(renderables)
        if not (self.console.is_interactive and wraps_anew(os.environ)):
            return found
        added = rows_covered(self._drawn_cells, self.console.width) - len(self._drawn_cells)
        up = ((ControlType.ERASE_IN_LINE, 2), (ControlType.CURSOR_UP, 1)) * added
        return [Control(*up), *found]

    def _keep(self, cells: Sequence[int]) -> None:
        self._drawn_cells = cells


class _Measured:
    def __init__(self, drawn: object, keep: Callable[[Sequence[int]], None]) -> None:
        self._drawn = drawn
        self._keep = keep

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._drawn, options, pad=False)  # type: ignore[arg-type]
        self._keep([Segment.get_line_length(line) for line in lines])
        for line in lines:
            yield from line
            yield Segment.line()
