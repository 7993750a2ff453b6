"""Keeps a live session while it runs, so that a process killed at any moment loses nothing."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from fermata.live.events import LiveEvent
from fermata.live.observers import Observer
from fermata.live.report import SessionReport
from fermata.live.turns import HeardTurn
from fermata.sessions.plan import SessionPlan, checked_session_name, new_session_name
from fermata.storage import Storage


class SessionKeeper(Observer):
    """Writes down a live session as it goes, and its tables at the end.

    Use it as a context manager around everything that may open a connection: entering writes
    `session.json`, leaving writes what only the end tells (see `docs/sessions.md`).

    Args:
        storage: The data folder.
        plan: What is about to be streamed.
        session: The session's name; by default a new one, see `new_session_name`.
        spool: The folder for files being written where the data folder is not on this
            machine's disk; by default one in the system's temporary folder.

    Raises:
        UsageError: The name can't be used.

    Attributes:
        session: The session's name.
        audio_path: Where the recording belongs (`WavRecorder`), on this machine's disk.
    """

    def __init__(
        self,
        storage: Storage,
        plan: SessionPlan,
        session: str | None = None,
        *,
        spool: Path | None = None,
    ) -> None:
        self.session = checked_session_name(session) if session else new_session_name()
        self.audio_path = Path()
        self._storage = storage
        self._plan = plan
        self._spool = spool

    def __enter__(self) -> Self:
        """Writes `session.json`; raises `StorageError` or `UsageError` (the name is taken)."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Completes the session; raises `StorageError` unless another error is on its way."""

    @property
    def answers(self) -> Mapping[tuple[int, int], str]:
        """What a language model answered, by channel and order of the turn."""
        return {}

    @property
    def written(self) -> Mapping[str, str]:
        """What was written where, for people: a label and an address each."""
        return {}

    def on_event(self, channel: int, event: LiveEvent) -> None:
        """Writes a line."""

    def on_turn(self, turn: HeardTurn) -> None:
        """Writes a line."""

    def on_end(self, report: SessionReport) -> None:
        """Remembers the report for the completion."""
