"""Runs the local server: inside a program (`LocalServer`), or as one (`serve`)."""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import uvicorn

from fermata.errors import FermataError, UsageError
from fermata.localserver.app import make_app, make_service
from fermata.localserver.bodies import MOST_JSON_BYTES
from fermata.localserver.config import LocalServerConfig
from fermata.localserver.faults import FaultPlan
from fermata.localserver.references import References
from fermata.localserver.service import Service
from fermata.localserver.store import Store

START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 10

GRACE_S = 1
"""How long requests in progress may take to end when the server stops."""

BACKLOG = 1024

KEEP_ALIVE_S = 60
"""How long an idle connection stays open, as at the balancers that services stand behind; a client
that asks every few seconds would otherwise meet one that is just being closed."""

_logger = logging.getLogger(__name__)


class LocalServer:
    """A local server in a thread of its own, for as long as the context lasts.

    ```
    with LocalServer(LocalServerConfig()) as server:
        requests.get(f"{server.url}/healthz", timeout=5)
    ```

    Attributes:
        url: The address, such as `http://127.0.0.1:40123`.
        store: What the server knows; read it, don't write it.
        faults: What goes wrong; may be changed while the server runs.
    """

    def __init__(self, config: LocalServerConfig | None = None) -> None:
        self._config = config or LocalServerConfig()
        self.store = Store()
        self.faults = FaultPlan(self._config.faults)
        self.url = ""
        self._runner: _Runner | None = None
        self._thread: threading.Thread | None = None

    @property
    def websocket_url(self) -> str:
        """The address for live sessions; AssemblyAI's are below it at `/v3/ws`."""
        return self.url.replace("http", "ws", 1)

    def __enter__(self) -> Self:
        """Starts the server and returns when it answers.

        Raises:
            UsageError: The port is taken, or the references can't be read.
            FermataError: It didn't start in time.
        """
        started: Future[str] = Future()
        self._runner = runner = _Runner(self._config, self.store, self.faults)
        self._thread = threading.Thread(
            target=_run, args=(runner, started), name="fermata-local-server", daemon=True
        )
        self._thread.start()
        try:
            self.url = started.result(START_TIMEOUT_S)
        except TimeoutError as error:
            runner.stop()
            raise FermataError("the local server did not start in time; try again") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stops the server; jobs in progress are given up."""
        assert self._runner is not None
        assert self._thread is not None
        self._runner.stop()
        self._thread.join(STOP_TIMEOUT_S)
        if self._thread.is_alive():
            _logger.warning("the local server did not stop within %d s", STOP_TIMEOUT_S)


def serve(config: LocalServerConfig, announce: Callable[[str], None]) -> None:
    """Runs a local server until the process is told to stop (Ctrl-C, SIGTERM).

    Args:
        config: How to run it.
        announce: Called once with its address, as soon as it answers.

    Raises:
        UsageError: The port is taken, or the references can't be read.
        KeyboardInterrupt: After a clean end, if Ctrl-C was what ended it.
    """
    _Runner(config, Store(), FaultPlan(config.faults)).run(announce)


class _Runner:
    """One run of uvicorn, on a socket that is bound before anything else."""

    def __init__(self, config: LocalServerConfig, store: Store, faults: FaultPlan) -> None:
        self._config = config
        self._store = store
        self._faults = faults
        self._references = References.load(config.references)
        self._socket = _listen(config.host, config.port)
        self._server: uvicorn.Server | None = None

    def run(self, announce: Callable[[str], None]) -> None:
        """Runs until `stop` or a signal; `announce` gets the address once it answers."""
        with self._socket:
            asyncio.run(self._serve(announce))

    def stop(self) -> None:
        """Asks the server to end; may be called from any thread."""
        if self._server is not None:
            self._server.should_exit = True

    async def _serve(self, announce: Callable[[str], None]) -> None:
        """Serves as long as nobody stops it."""
        host, port = self._socket.getsockname()[:2]
        service = make_service(self._config, self._store, self._faults, self._references)
        config = uvicorn.Config(
            make_app(service),
            http="h11",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=MOST_JSON_BYTES,
            lifespan="off",
            log_config=None,
            log_level=logging.CRITICAL,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = _Server(config, lambda: announce(f"http://{host}:{port}"), service)
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            await service.close()


class _Server(uvicorn.Server):
    """Uvicorn, which says when it answers, and cleans up before it hands signals on.

    It raises the signal that stopped it once more when it is done, and a SIGTERM then ends the
    process on the spot.
    """

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[], None], service: Service
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._service = service

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Ends in good order on SIGHUP too, unless it is ignored, as by `nohup`."""
        is_main = threading.current_thread() is threading.main_thread()
        before = signal.getsignal(signal.SIGHUP)
        if not is_main or before is signal.SIG_IGN:
            with super().capture_signals():
                yield
            return
        signal.signal(signal.SIGHUP, self.handle_exit)
        try:
            with super().capture_signals():
                yield
        finally:
            is_hung_up = signal.SIGHUP in self._captured_signals
            signal.signal(signal.SIGHUP, before)
        if is_hung_up:
            signal.raise_signal(signal.SIGHUP)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to answer."""
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops to answer."""
        self._service.stopping.set()
        await super().shutdown(sockets)
        await self._service.close()


def _run(runner: _Runner, started: Future[str]) -> None:
    """The thread of a `LocalServer`: what keeps it from starting is told to who waits."""
    try:
        runner.run(started.set_result)
    except BaseException as error:
        if started.done():
            _logger.exception("the local server ended by itself")
        else:
            started.set_exception(error)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise UsageError(
            f"the local server can't listen on {host}:{port} ({error.strerror}); "
            "choose another port, or 0 for a free one"
        ) from error
