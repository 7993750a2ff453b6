"""A local server in a process of its own, whose faults and books are within reach."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from benchmarks.soak.forks import Fork
from fermata.localserver import Fault, LocalServer, LocalServerConfig
from fermata.localserver.store import Status

_LOOK_S = 1.0


class Service:
    """A running local server.

    Args:
        references: What it knows by heart.
        settings: Of `LocalServerConfig`.

    Attributes:
        url: Its address.
    """

    def __init__(self, references: Path, **settings: Any) -> None:
        config = LocalServerConfig(references=references, engine_processes=1, **settings)
        self._fork = Fork(_serve, config)
        self.url: str = self._fork.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the server; what it has used counts as used here from then on."""
        with suppress(OSError, EOFError):
            self._asked(None)
        self._fork.wait(_LOOK_S)
        self._fork.__exit__()

    def plan(self, faults: Sequence[Fault] = ()) -> None:
        """Makes these the faults, in place of those before."""
        self._asked(tuple(faults))

    @property
    def books(self) -> dict[str, Any]:
        """What it was asked for, see `Store.state`; and by content how many jobs are billed."""
        return dict(self._asked("books"))

    def _asked(self, message: object) -> Any:
        self._fork.pipe.send(message)
        return self._fork.answer()


def _serve(pipe: Connection, config: LocalServerConfig) -> None:
    parent = os.getppid()
    with LocalServer(config) as server:
        pipe.send(server.url)
        # A parent that was killed closes nothing where others of its forks hold the pipe too.
        while os.getppid() == parent:
            if not pipe.poll(_LOOK_S):
                continue
            message = pipe.recv()
            if message is None:
                break
            pipe.send(_done(server, message))
    pipe.send(None)


def _done(server: LocalServer, message: object) -> object:
    if message == "books":
        return {**server.store.state(), "billed": _billed(server)}
    assert isinstance(message, tuple)
    server.faults.clear()
    for fault in message:
        server.faults.add(fault)
    return None


def _billed(server: LocalServer) -> dict[str, int]:
    """A job that ends in an error is not billed."""
    jobs = server.store.transcripts.values()
    return Counter(job.content_id for job in jobs if job.status is not Status.ERROR)
