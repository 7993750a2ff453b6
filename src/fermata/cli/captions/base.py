"""What all captions have in common."""

from types import TracebackType
from typing import Self

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
        """Leaves the terminal as it was, with all turns on it."""

    def on_levels(self, levels: tuple[float, ...]) -> None:
        """Takes the levels of the channels in dBFS; any thread."""

    def say(self, text: str, style: str = "") -> None:
        """Shows a line, such as one of the log, where there is a place for it; any thread."""
