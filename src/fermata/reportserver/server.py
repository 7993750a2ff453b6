"""Serves reports on loopback from a thread of the program that it is part of."""

import asyncio
import contextlib
import logging
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn

from fermata.errors import UsageError
from fermata.reportserver.pages import ReportPages
from fermata.storage import Storage

_HOST = "127.0.0.1"
_AT_ONCE = 32
_IDLE_S = 5
_STOP_TIMEOUT_S = 5.0


class ReportServer:
    """The reports of a data folder at `url`, for as long as the context lasts.

    Attributes:
        url: its address, such as `http://127.0.0.1:4201`.
    """

    def __init__(self, storage: Storage, login: str, preferred_port: int) -> None:
        """Takes a port; nothing is answered before the context begins.

        Args:
            storage: the data folder.
            login: `user:password`.
            preferred_port: taken if it is free, else any free port.

        Raises:
            UsageError: no port is free.
        """
        self._socket = _listen(preferred_port)
        port = self._socket.getsockname()[1]
        self.url = f"http://{_HOST}:{port}"
        hosts = frozenset({f"{_HOST}:{port}", f"localhost:{port}"})
        self._server = uvicorn.Server(
            uvicorn.Config(
                ReportPages(storage, login, hosts),
                lifespan="off",
                ws="none",
                log_config=None,
                log_level=logging.CRITICAL,
                access_log=False,
                server_header=False,
                limit_concurrency=_AT_ONCE,
                timeout_keep_alive=_IDLE_S,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._run, name="fermata-reports", daemon=True)

    def __enter__(self) -> Self:
        """Begins to answer; who asks meanwhile waits on the socket, which is open already."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stops to answer."""
        self._server.should_exit = True
        self._thread.join(_STOP_TIMEOUT_S)

    def _run(self) -> None:
        # Signals are the matter of the program around it, and of its main thread.
        with self._socket:
            asyncio.run(self._server.serve(sockets=[self._socket]))


def _listen(preferred_port: int) -> socket.socket:
    for port in (preferred_port, 0):
        with contextlib.suppress(OSError):
            return socket.create_server((_HOST, port))
    raise UsageError("no port is free on 127.0.0.1 to serve reports from")
