"""Standard output and error that tell no secret, and that may lose their reader.

A closed pipe (`fermata stream | head`) or terminal would otherwise raise an error in whatever
thread writes next, the one that records a live session among them.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from fermata.redact import masked


class _Output:
    """A text stream that goes nowhere once nobody reads it, and says so once."""

    def __init__(self, stream: TextIO, on_unread: Callable[[], None]) -> None:
        self._stream = stream
        self._on_unread = on_unread

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            self._stream.write(masked(text))
            return len(text)
        except OSError:
            self._lose()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._lose()

    def _lose(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
        self._on_unread()


@contextmanager
def outliving_readers(on_unread: Callable[[], None]) -> Iterator[None]:
    """Lets standard output and error lose their readers meanwhile.

    Args:
        on_unread: told, from any thread, when one has.
    """
    before = sys.stdout, sys.stderr
    sys.stdout = _Output(sys.stdout, on_unread)
    sys.stderr = _Output(sys.stderr, on_unread)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stdout, sys.stderr = before
