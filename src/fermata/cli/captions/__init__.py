"""Live captions: what a person, or a program, sees of a session while it runs."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console

from fermata.live.observers import Observer


class Captions(Observer):
    """A view of a live session; a context manager around `stream`.

    `on_levels` goes to `Listening.on_levels`.
    """

    def __enter__(self) -> Self:
        """Begins to show."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leaves the terminal as it was, with all final turns on it."""

    def on_levels(self, levels: tuple[float, ...]) -> None:
        """Takes the levels of the channels in dBFS; any thread."""

    def say(self, text: str, style: str = "") -> None:
        """Shows a line, such as one of the log; any thread."""


def captions_for(console: Console, channel_names: Sequence[str]) -> Captions:
    """Captions for people: live ones on a terminal, plain lines elsewhere.

    Args:
        console: Where they go.
        channel_names: Those of the source.
    """
    del console, channel_names
    return Captions()


def json_captions(write: Callable[[str], object], session: str) -> Captions:
    """One JSON object per line, the same as in `turns.jsonl`.

    Args:
        write: Takes each line with its line break.
        session: The session's name, which stands in the first line.
    """
    del write, session
    return Captions()
