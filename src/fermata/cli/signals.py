"""Ctrl-C and SIGTERM during a live session: the first ends it in good order."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """Sets `stop` at the first Ctrl-C or SIGTERM; the second interrupts at once."""

    def on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - given by Python
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
