"""One WebSocket connection, down to the TCP connection under it."""

import asyncio
import json
import select
import time
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from fermata.localserver.fault_injection import reset_connection, transport_of

LOOK_EVERY_S = 0.02
ABNORMAL = 1006

# The peer's end of a half-closed connection, where the system tells it apart from a full close.
_GONE = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class GoneError(Exception):
    """The peer closed the connection, or lost it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the peer went away with {code}")
        self.code = code


class UnsentError(GoneError):
    """A message could not be sent; why, whoever reads will be told."""

    def __init__(self) -> None:
        super().__init__(ABNORMAL)


class Wire:
    """A connection that was asked for, and perhaps accepted.

    Attributes:
        is_silent: Whether what is sent goes nowhere.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._socket = WebSocket(scope, receive, send)
        self._receive = receive
        self.is_silent = False
        self.headers = self._socket.headers
        self.query = self._socket.query_params
        self.base_url = str(self._socket.base_url).rstrip("/")

    async def accept(self) -> None:
        """Upgrades the connection."""
        try:
            await self._socket.accept()
        except OSError as error:
            raise GoneError(ABNORMAL) from error

    async def deny(self, response: Response) -> None:
        """Answers the request for an upgrade with something else."""
        await self._socket.receive()
        await self._socket.send_denial_response(response)

    async def receive(self) -> str | bytes:
        """The next message of the peer.

        Raises:
            GoneError: There is none: the connection is closed.
        """
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise GoneError(message.get("code") or ABNORMAL)
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def send(self, frame: Mapping[str, Any]) -> None:
        """Sends one message as JSON.

        Raises:
            UnsentError: The connection is closed.
        """
        await self.send_text(json.dumps(frame, ensure_ascii=False))

    async def send_text(self, text: str) -> None:
        """Sends one message as it is.

        Raises:
            UnsentError: The connection is closed.
        """
        if self.is_silent:
            return
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise UnsentError from error

    async def send_bytes(self, data: bytes) -> None:
        """Sends one binary message.

        Raises:
            UnsentError: The connection is closed.
        """
        try:
            await self._socket.send_bytes(data)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise UnsentError from error

    def fall_silent(self) -> None:
        """Says nothing any more to a peer that is still listened to."""
        self.is_silent = True

    async def close(self, code: int, reason: str) -> None:
        """Closes the connection; if the peer was faster, nothing happens."""
        try:
            await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return

    async def reset(self) -> None:
        """Resets the TCP connection: the peer gets no close frame."""
        await reset_connection(self._receive)

    async def stall(self, for_s: float, stopping: asyncio.Event) -> None:
        """Reads and writes nothing for some time, or until the peer is gone or the server stops.

        While nothing is read, asyncio doesn't notice that a peer has gone; the system does.
        """
        connection = transport_of(self._receive).get_extra_info("socket")
        poller = select.poll()
        poller.register(connection.fileno(), _GONE)
        deadline_s = time.monotonic() + for_s

        def is_over() -> bool:
            return time.monotonic() > deadline_s or stopping.is_set() or bool(poller.poll(0))

        while not is_over():  # noqa: ASYNC110 - the system tells only when asked
            await asyncio.sleep(LOOK_EVERY_S)
