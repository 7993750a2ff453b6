"""Captions for programs: one JSON object per line, the same as in `turns.jsonl`."""

from collections.abc import Callable
from typing import Self

from fermata.cli.captions.base import Captions
from fermata.live.events import LiveEvent
from fermata.live.report import SessionReport
from fermata.live.turns import HeardTurn
from fermata.sessions.cleaning import Cleaner
from fermata.sessions.figures import figures
from fermata.sessions.lines import (
    JsonObject,
    LineWriter,
    end_object,
    event_object,
    session_object,
    turn_object,
)


class JsonCaptions(Captions):
    """Writes a line for whatever happens.

    Args:
        write: Takes each line with its line break.
        session: The session's name.
    """

    def __init__(self, write: Callable[[str], object], session: str) -> None:
        self._write = write
        self._session = session
        self._lines = LineWriter(Cleaner())

    def __enter__(self) -> Self:
        """Writes the first line."""
        self._put(session_object(self._session))
        return self

    def on_event(self, channel: int, event: LiveEvent) -> None:
        """Writes a line."""
        line = event_object(channel, event)
        if line is not None:
            self._put(line)

    def on_turn(self, turn: HeardTurn) -> None:
        """Writes a line with the whole turn as it stands."""
        self._put(turn_object(turn))

    def on_end(self, report: SessionReport) -> None:
        """Writes the last line."""
        self._put(end_object(self._session, figures(report)))

    def _put(self, thing: JsonObject) -> None:
        self._write(self._lines.line(thing))
