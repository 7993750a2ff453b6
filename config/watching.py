"""What the terminal adds to a live session that its flow, started from anywhere, knows nothing of.

A flow's parameters are stored and shown in the UI, so they cannot carry captions or a Ctrl-C.
The command puts them here, around its call of the flow.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from fermata.live.capture import OnLevels
from fermata.live.observers import Observer


@dataclass(frozen=True, slots=True)
class View:
    """Shows one live session.

    Attributes:
        observer: told every event and turn.
        on_levels: told the level of each channel, on the capture thread.
        shown: entered while the session runs.
    """

    observer: Observer
    on_levels: OnLevels
    shown: AbstractContextManager[object]


ViewFor = Callable[[str, Sequence[str]], View]


@dataclass(frozen=True, slots=True)
class Watching:
    """Who watches live sessions.

    Attributes:
        view_for: makes the view of a session from its name and the names of its channels.
        stop: ends the session in good order when set.
    """

    view_for: ViewFor | None = None
    stop: threading.Event = field(default_factory=threading.Event)


_current: ContextVar[Watching | None] = ContextVar("watching", default=None)


@contextmanager
def watched_by(watching: Watching) -> Iterator[None]:
    """Lets these watch the live sessions that start meanwhile in this thread."""
    token = _current.set(watching)
    try:
        yield
    finally:
        _current.reset(token)


def current_watching() -> Watching:
    """Who watches here; nobody, unless inside `watched_by`."""
    return _current.get() or Watching()
