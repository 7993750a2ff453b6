"""Who watches a live session: captions, JSON lines, tables hang on it without it knowing them."""

from fermata.live.events import LiveEvent
from fermata.live.report import SessionReport
from fermata.live.turns import HeardTurn


class Observer:
    """Override what you want to see.

    All methods are called by the thread that runs the session, one at a time, so an observer
    needs no locks. It may take its time: neither the capture nor the sending waits for it. An
    error that it raises ends the session in good order.
    """

    def on_event(self, channel: int, event: LiveEvent) -> None:
        """Something happened on a channel; times are those of the source.

        `Began` is the first event of each session. Turns and corrections of speakers do not
        come here.
        """

    def on_turn(self, turn: HeardTurn) -> None:
        """A turn is new, or has changed: it replaces the one of the same channel and order."""

    def on_end(self, report: SessionReport) -> None:
        """Everything is over, and no connection is open; called once, even after an error."""
