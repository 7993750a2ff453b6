"""Says, as long as the process lives, that its session is running."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from fermata.sessions.places import HEARTBEAT_S


class Heartbeat:
    """Calls something every few seconds on a thread of its own.

    Args:
        beat: What to call; an `OSError` is passed over, since the next beat may succeed.
        every_s: How often.
    """

    def __init__(self, beat: Callable[[], object], every_s: float = HEARTBEAT_S) -> None:
        self._beat = beat
        self._every_s = every_s
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begins to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beats no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            with suppress(OSError):
                self._beat()
