"""The terminal as all commands write to it: what others said is shown there and never obeyed."""

from collections.abc import Iterable
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from fermata.quoting import visible
from fermata.report.fitting import Words

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

    def print(self, *objects: Any, soft_wrap: bool | None = None, **options: Any) -> None:
        """Prints as rich does; a soft wrap is one between words where a terminal would break them.

        A word that is longer than a line, such as a path, is left to the terminal, so that it can
        be copied in one piece.
        """
        if soft_wrap and self.is_terminal:
            super().print(*map(_by_words, objects), crop=False, **options)
        else:
            super().print(*objects, soft_wrap=soft_wrap, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Renders as rich does, with text that is `visible`."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else _harmless(segment)


def _by_words(printed: Any) -> Any:
    if isinstance(printed, str):
        printed = Text(printed)
    return Words(printed) if isinstance(printed, Text) else printed


def _harmless(segment: Segment) -> Segment:
    if segment.text.isprintable():
        return segment
    shown = "".join(each if each in _OURS else visible(each) for each in segment.text)
    return Segment(shown, segment.style)
