"""The terminal as all commands write to it: what others said is shown there and never obeyed."""

from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from fermata.quoting import visible

_OURS = frozenset("\n\t")


class Terminal(Console):
    """A console that takes no text for markup, and writes out what would steer a terminal.

    File names, groups, speakers and what services say come from anywhere. Colours and the moves of
    a progress bar are ours: rich keeps them apart from text.
    """

    def __init__(
        self, file: IO[str] | None = None, *, stderr: bool = False, width: int | None = None
    ) -> None:
        """Writes to standard output or error, or to a file.

        Args:
            file: Where to; by default standard output.
            stderr: Whether to standard error instead.
            width: In columns; by default that of the terminal.
        """
        super().__init__(
            file=file, stderr=stderr, width=width, highlight=False, markup=False, emoji=False
        )

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Renders as rich does, with text that is `visible`."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else _harmless(segment)


def _harmless(segment: Segment) -> Segment:
    if segment.text.isprintable():
        return segment
    shown = "".join(each if each in _OURS else visible(each) for each in segment.text)
    return Segment(shown, segment.style)
