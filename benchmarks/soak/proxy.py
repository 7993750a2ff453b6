"""A TCP relay that breaks connections: dropped, or still in one direction or in both.

The server behind it knows nothing of that, as with a network that fails.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

_PIECE = 4_096
_RESET = struct.pack("ii", 1, 0)
_STILL_S = 60.0


class Break(StrEnum):
    """What becomes of a connection."""

    DROP = "dropped"
    STILL_UP = "still on the way up"
    STILL_DOWN = "still on the way down"
    STILL = "still both ways"


@dataclass(frozen=True, slots=True)
class Breakage:
    """A connection that breaks once so much has come from the client."""

    kind: Break
    after_bytes: int


class Relay:
    """Relays connections to a server; each takes the next breakage there is.

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
        breakage = self._breakages.pop(0) if self._breakages else None
        server, forward = await asyncio.open_connection("127.0.0.1", self._upstream)
        still_up, still_down = asyncio.Event(), asyncio.Event()
        up = asyncio.create_task(self._up(client, forward, answer, breakage, still_up, still_down))
        down = asyncio.create_task(_pump(server, answer, still_down))
        await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        if not (still_up.is_set() or still_down.is_set()):
            # What one side has sent arrives before its end does.
            await asyncio.wait([up, down], timeout=1.0)
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)
        for writer in (forward, answer):
            writer.close()

    async def _up(  # noqa: PLR0917 - both ends of one connection
        self,
        client: asyncio.StreamReader,
        forward: asyncio.StreamWriter,
        answer: asyncio.StreamWriter,
        breakage: Breakage | None,
        still_up: asyncio.Event,
        still_down: asyncio.Event,
    ) -> None:
        relayed = 0
        while piece := await client.read(_PIECE):
            relayed += len(piece)
            if breakage and relayed >= breakage.after_bytes:
                if breakage.kind is Break.DROP:
                    _reset(forward)
                    _reset(answer)
                    return
                if breakage.kind is not Break.STILL_UP:
                    still_down.set()
                if breakage.kind is not Break.STILL_DOWN:
                    still_up.set()
                    await _swallow(client)
                    return
                breakage = None
            forward.write(piece)
            await forward.drain()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, still: asyncio.Event
) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            if still.is_set():
                await asyncio.sleep(_STILL_S)
                return
            writer.write(piece)
            await writer.drain()


async def _swallow(client: asyncio.StreamReader) -> None:
    """Takes in what comes and hands nothing on, until the client goes away."""
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(_STILL_S):
            while await client.read(_PIECE):
                pass


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
