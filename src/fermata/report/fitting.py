"""Tables for a terminal that break no word: rows become paragraphs where columns do not fit."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

_BETWEEN_COLUMNS = 2
_INDENT = 2
_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class FittingTable:
    """A table, or its rows one below the other where it is too wide.

    Attributes:
        title: what stands above it; empty for none.
        columns: their headings, of which the first names the row.
        rows: their cells, as many as there are columns; texts that may hold anything.
        numbers: which columns are aligned to the right, by index.
        caption: what stands below it; None for nothing.
        bold_last: whether the last row is a total.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Text]]
    numbers: frozenset[int] = field(default_factory=frozenset)
    caption: str | None = None
    bold_last: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draws for the width there is."""
        if self.title:
            yield Text(self.title, style="bold")
        widths = self._widths(options.max_width)
        if widths is None:
            yield from self._paragraphs(options.max_width - _INDENT)
        else:
            yield self._table(widths)
        if self.caption:
            yield Text(self.caption, style="italic")

    def _widths(self, available: int) -> list[int] | None:
        """Each column's width, with no word longer than it; None where they do not fit."""
        cells = [
            [Text(name), *column]
            for name, column in zip(self.columns, self._by_column(), strict=True)
        ]
        words = [max(map(_longest_word, each)) for each in cells]
        wanted = [max(map(_longest_line, each)) for each in cells]
        free = available - sum(words) - _BETWEEN_COLUMNS * (len(words) - 1)
        if free < 0:
            return None
        # Short columns first: they are figures, which are read across.
        for at in sorted(range(len(words)), key=lambda index: wanted[index] - words[index]):
            more = min(free, wanted[at] - words[at])
            words[at] += more
            free -= more
        return words

    def _by_column(self) -> list[list[Text]]:
        return [[row[at] for row in self.rows] for at in range(len(self.columns))]

    def _table(self, widths: Sequence[int]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
        for at, name in enumerate(self.columns):
            is_number = at in self.numbers
            table.add_column(name, justify="right" if is_number else "left", width=widths[at])
        for index, row in enumerate(self.rows):
            table.add_row(*row, style=self._style(index))
        return table

    def _paragraphs(self, width: int) -> Iterator[RenderableType]:
        """The row's name, and below it `heading value` pairs, which are not torn apart."""
        for index, row in enumerate(self.rows):
            if row[0].plain:
                yield Words(Text(row[0].plain, style=self._style(index)))
            pairs = [
                Text.assemble((f"{name} ", "dim"), cell)
                for name, cell in zip(self.columns[1:], row[1:], strict=True)
                if cell.plain
            ]
            for line in _packed(pairs, width):
                yield Words(line, _INDENT)

    def _style(self, index: int) -> str:
        return "bold" if self.bold_last and index == len(self.rows) - 1 else ""


@dataclass(frozen=True, slots=True)
class Words:
    """A text whose lines break between words only.

    A word that is longer than a line, such as a path, is left to the terminal, so that it can be
    copied in one piece.

    Attributes:
        text: to be shown.
        indent: how many columns are left free before each line.
    """

    text: Text
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draws for the width there is; as it is where nothing shall be wrapped."""
        width = options.max_width - self.indent
        for line in self.text.split("\n", allow_blank=True):
            for part in [line] if options.no_wrap else _between_words(line, width):
                shown = Text.assemble(" " * self.indent, part)
                shown.no_wrap, shown.overflow = True, "ignore"
                yield shown


def _between_words(line: Text, width: int) -> Iterator[Text]:
    breaks, used = [], 0
    for word in re.finditer(r"\s*\S+\s*", line.plain):
        cells = Text(word[0].rstrip()).cell_len
        if used and used + cells > width:
            breaks.append(word.start())
            used = 0
        used += Text(word[0]).cell_len
    for part in line.divide(breaks):
        part.rstrip()
        yield part


def _packed(pairs: Sequence[Text], width: int) -> Iterator[Text]:
    """As many pairs in a line as fit; one that is longer has lines of its own."""
    line = Text()
    for pair in pairs:
        longer = Text(_SEPARATOR).join([line, pair]) if line.plain else pair
        if line.plain and longer.cell_len > width:
            yield line
            longer = pair
        line = longer
    if line.plain:
        yield line


def _longest_word(text: Text) -> int:
    return max((Text(word).cell_len for word in text.plain.split()), default=0)


def _longest_line(text: Text) -> int:
    return max((Text(line).cell_len for line in text.plain.splitlines()), default=0)
