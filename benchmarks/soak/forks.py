"""Processes forked from this one, which pay no imports, and their ends.

Whoever forks must have no threads, so a subject leaves all work to its forks.
"""

import multiprocessing
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Self

_FORK = multiprocessing.get_context("fork")

PATIENCE_S = 300.0
"""No fork works for so long; whatever does hangs."""


class HungError(Exception):
    """A fork neither ended nor answered."""


class Fork:
    """A child process that may send this one something.

    Args:
        work: What it does; given the connection to this process, and `arguments`.
        arguments: Handed on.
    """

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        self.pipe, other_end = _FORK.Pipe()
        target = (work, self.pipe, other_end, arguments)
        self._process = _FORK.Process(target=_work, args=target)
        self._process.start()
        other_end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.pipe.close()
        self._process.close()

    @property
    def sentinel(self) -> int:
        """Ready as soon as it has ended."""
        return self._process.sentinel

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL has ended it."""
        return self._process.exitcode == -signal.SIGKILL

    def wait(self, timeout_s: float = PATIENCE_S) -> bool:
        """Waits for its end; says whether it came."""
        self._process.join(timeout_s)
        return self._process.exitcode is not None

    def kill(self) -> None:
        """Ends it on the spot, wherever it is."""
        self._process.kill()
        self._process.join()

    def answer(self, timeout_s: float = PATIENCE_S) -> Any:
        """What it sends next.

        Raises:
            HungError: Nothing came.
            EOFError: It ended without a word.
        """
        if not self.pipe.poll(timeout_s):
            raise HungError(f"no answer within {timeout_s:g} s")
        return self.pipe.recv()


def in_fork(work: Callable[..., Any], *arguments: Any, timeout_s: float = PATIENCE_S) -> Any:
    """Does something in a fork and returns what it returns.

    Raises:
        HungError: It did not end.
        RuntimeError: It failed; the text is its traceback.
    """
    with Fork(_answer, work, arguments) as fork:
        failed, result = fork.answer(timeout_s)
    if failed:
        raise RuntimeError(result)
    return result


def _answer(pipe: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        pipe.send((False, work(*arguments)))
    except BaseException:  # noqa: BLE001 - told to the process that asked
        pipe.send((True, traceback.format_exc()))


def _work(
    work: Callable[..., None], theirs: Connection, pipe: Connection, arguments: tuple[Any, ...]
) -> None:
    # Ctrl-C is for the process that forked this one; it ends its forks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    theirs.close()
    work(pipe, *arguments)
