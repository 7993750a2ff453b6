"""Standard output and error that tell no secret, and that may lose their reader or their place.

A closed pipe (`fermata stream | head`), a closed terminal or a full disk would otherwise raise an
error in whatever thread writes next, the one that records a live session among them. What a
terminal's encoding has no character for is written as JSON escapes it, so that what is JSON stays
JSON.
"""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from fermata.redact import masked

_UNREAD = frozenset({errno.EPIPE, errno.EIO})
"""Nobody reads any more: a pipe that was closed, a terminal that is gone."""


class Outputs:
    """Standard output and error of a command.

    Attributes:
        failure: Why one of them can't be written; None also where nobody reads it any more.
    """

    def __init__(self, on_lost: Callable[[], None]) -> None:
        """Begins as outputs that are read.

        Args:
            on_lost: told, from any thread, when one can't be written any more.
        """
        self.failure: OSError | None = None
        self._on_lost = on_lost

    def lose(self, error: OSError) -> None:
        """Takes notice of an output that can't be written any more."""
        if error.errno not in _UNREAD:
            self.failure = self.failure or error
        self._on_lost()


class _Output:
    """A text stream that goes nowhere once it can't be written, and says so once."""

    def __init__(self, stream: TextIO, outputs: Outputs) -> None:
        self._stream = stream
        self._outputs = outputs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            self._write(masked(text))
        except OSError as error:
            self._lose(error)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._lose(error)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            self._stream.write(in_encoding(text, self._stream.encoding))

    def _lose(self, error: OSError) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
        self._outputs.lose(error)


def in_encoding(text: str, encoding: str) -> str:
    r"""The text with what the encoding has no character for escaped as in JSON.

    >>> in_encoding("café ✓ 🎧", "ascii")
    'caf\\u00e9 \\u2713 \\ud83c\\udfa7'
    """
    return "".join(each if _is_in(each, encoding) else _escaped(each) for each in text)


def _is_in(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escaped(character: str) -> str:
    halves = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{halves[at : at + 2].hex()}" for at in range(0, len(halves), 2))


@contextmanager
def outliving_readers(on_lost: Callable[[], None]) -> Iterator[Outputs]:
    """Lets standard output and error lose their readers or their place meanwhile.

    Args:
        on_lost: told, from any thread, when one has.

    Yields:
        What became of them, to be looked at afterwards.
    """
    before = sys.stdout, sys.stderr
    outputs = Outputs(on_lost)
    sys.stdout = _Output(sys.stdout, outputs)
    sys.stderr = _Output(sys.stderr, outputs)
    try:
        yield outputs
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before
