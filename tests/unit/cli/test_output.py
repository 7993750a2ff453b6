"""Standard output and error whose reader goes away: what is done goes on, and is told once."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fermata.cli.output import outliving_readers

LONG = "so it goes " * 100_000


class Told:
    """Counts how often it was told."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@contextmanager
def unread() -> Iterator[None]:
    """Standard output is a pipe that nobody reads any more."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    # Within the test: what catches its output changes hands before each.
    with os.fdopen(write_end, "w") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        yield


def write_much() -> None:
    sys.stdout.write(LONG)


def flush_a_little() -> None:
    sys.stdout.write("a line\n")
    sys.stdout.flush()


@pytest.mark.parametrize("write", [write_much, flush_a_little])
def test_a_reader_that_went_away_is_told_once_and_what_follows_goes_nowhere(
    write: Callable[[], None],
) -> None:
    told = Told()
    with unread(), outliving_readers(told):
        for _ in range(3):
            write()
        assert told.times == 1


def test_what_was_left_to_the_end_raises_nothing_either() -> None:
    told = Told()
    with unread(), outliving_readers(told):
        sys.stdout.write("still in the buffer")
    assert told.times == 1


def test_what_is_read_arrives_and_the_streams_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err, told = io.StringIO(), io.StringIO(), Told()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with outliving_readers(told):
        sys.stdout.write("to a program\n")
        sys.stderr.write("to a person\n")
        # What a library asks of the stream is answered by the stream.
        assert not sys.stdout.isatty()
    assert (out.getvalue(), err.getvalue()) == ("to a program\n", "to a person\n")
    assert (sys.stdout, sys.stderr, told.times) == (out, err, 0)
