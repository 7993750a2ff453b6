"""How many recordings may be at the service at once."""

import threading

from fermata.assemblyai.errors import StoppedError


class Places:
    """The places at the service; who submits takes one, and it is free when the job is done."""

    def __init__(self, count: int) -> None:
        """Opens so many places, all of them free."""
        self._free = count
        self._closed = False
        self._changed = threading.Condition()

    def take(self) -> None:
        """Waits for a free place and takes it.

        Raises:
            StoppedError: The places were closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._free > 0)
            if self._closed:
                raise StoppedError("stopped before it was submitted; start again to go on")
            self._free -= 1

    def occupy(self) -> None:
        """Notes a job that is at the service whether or not there is a place for it."""
        with self._changed:
            self._free -= 1

    def give_back(self) -> None:
        """Frees a place."""
        with self._changed:
            self._free += 1
            self._changed.notify()

    def close(self) -> None:
        """Lets nobody in any more, and sends away who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
