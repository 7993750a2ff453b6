"""A relay that breaks connections: dropped, still in one direction or in both, or mute.

The server behind it knows nothing of that, as with a network that fails. On a mute connection
pings are answered all the same, as by a service whose engine hangs.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_PIECE = 4_096
_RESET = struct.pack("ii", 1, 0)
_REST_S = 1.0
_FIRST_CONTROL = 8


class Break(StrEnum):
    """What becomes of a connection."""

    DROP = "dropped"
    STILL_UP = "still on the way up"
    STILL_DOWN = "still on the way down"
    STILL = "still both ways"
    MUTE = "open, but the server says nothing more"


@dataclass(frozen=True, slots=True)
class Breakage:
    """A connection that breaks once so much has come from the client."""

    kind: Break
    after_bytes: int


class Relay:
    """Relays connections to a server; each WebSocket takes the next breakage there is.

    Attributes:
        port: Where it listens, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._breakages: list[Breakage] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()

    def plan(self, breakages: Iterable[Breakage]) -> None:
        """Breaks the next connections so; those after them are left alone."""
        self._breakages = list(breakages)

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._relay, sock=self._socket)
        await server.serve_forever()

    async def _relay(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        server, forward = await asyncio.open_connection("127.0.0.1", self._upstream)
        way = _Way(client, forward, server, answer, self._breakages)
        try:
            await way.go()
        finally:
            forward.close()
            answer.close()


@dataclass(slots=True)
class _Way:
    """One connection on its way through."""

    client: asyncio.StreamReader
    forward: asyncio.StreamWriter
    server: asyncio.StreamReader
    answer: asyncio.StreamWriter
    breakages: list[Breakage]
    breakage: Breakage | None = None
    broken: Break | None = None

    async def go(self) -> None:
        """Relays until an end has gone, or both have where what was sent is to arrive."""
        tasks = [asyncio.create_task(self._up()), asyncio.create_task(self._down())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if self.broken is None:
            await asyncio.wait(tasks, timeout=_REST_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _up(self) -> None:
        relayed = 0
        while piece := await self.client.read(_PIECE):
            if not relayed and self.breakages and piece.startswith(b"GET "):
                self.breakage = self.breakages.pop(0)
            relayed += len(piece)
            if self.breakage and relayed >= self.breakage.after_bytes:
                self.broken, self.breakage = self.breakage.kind, None
            if self.broken is Break.DROP:
                _reset(self.forward)
                _reset(self.answer)
                return
            if self.broken not in (Break.STILL, Break.STILL_UP):
                self.forward.write(piece)
                await self.forward.drain()

    async def _down(self) -> None:
        frames = _Frames()
        while piece := await self.server.read(_PIECE):
            said = frames.split(piece)
            if self.broken is Break.MUTE:
                piece = b"".join(frame for frame in said if frame[0] & 0xF >= _FIRST_CONTROL)
            if self.broken not in (Break.STILL, Break.STILL_DOWN):
                self.answer.write(piece)
                await self.answer.drain()


class _Frames:
    """The frames of a server, found in what comes from it: they are not masked (RFC 6455)."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_open = False

    def split(self, piece: bytes) -> list[bytes]:
        """The frames that are whole with this piece."""
        self._rest += piece
        if not self._is_open:
            _, found, rest = self._rest.partition(b"\r\n\r\n")
            if not found:
                return []
            self._is_open, self._rest = True, rest
        frames = []
        while (size := _frame_bytes(self._rest)) and len(self._rest) >= size:
            frames.append(self._rest[:size])
            self._rest = self._rest[size:]
        return frames


def _frame_bytes(data: bytes) -> int:
    """How long the frame is that begins here; 0 where its head isn't whole."""
    if len(data) < 2:  # noqa: PLR2004 - flags and length
        return 0
    length = data[1] & 0x7F
    extended = {126: 2, 127: 8}.get(length, 0)
    if extended:
        if len(data) < 2 + extended:
            return 0
        length = int.from_bytes(data[2 : 2 + extended], "big")
    return 2 + extended + length


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
