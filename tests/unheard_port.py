"""A port that nobody listens at."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unheard_port() -> Iterator[int]:
    """Holds a port of loopback without listening, so that nobody else takes it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])
