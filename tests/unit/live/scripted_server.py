"""A streaming service on loopback that plays a script, one for each connection.

It runs asyncio on a thread of its own and records what every connection brought: headers,
query, audio, messages, and how it ended. Like the real one, it takes every upgrade.
"""

import asyncio
import json
import select
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.specifications import SPECIFICATIONS

BOUND_S = 60
"""How long the server waits for anything: a broken test fails, and does not hang."""

_GONE = select.POLLRDHUP | select.POLLHUP | select.POLLERR

SPEC = "assemblyai/python-sdk-1.8.2-streaming-v3.schema.json"


@dataclass
class Session:
    """One connection, seen from the server."""

    number: int
    socket: ServerConnection
    headers: dict[str, str]
    query: dict[str, str]
    rate_hz: int
    is_left: Callable[[], bool]
    audio: bytearray = field(default_factory=bytearray)
    frame_sizes: list[int] = field(default_factory=list)
    texts: list[dict] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)

    @property
    def terminated(self) -> bool:
        return {"type": "Terminate"} in self.texts

    @property
    def audio_ms(self) -> float:
        return len(self.audio) / 2 * 1000 / self.rate_hz

    async def send(self, message: dict) -> None:
        _validate(message)
        await self.socket.send(json.dumps(message))

    async def begin(self, **configuration) -> None:
        message = {"type": "Begin", "id": f"session-{self.number}", "expires_at": 1900000000}
        await self.send(message | ({"configuration": configuration} if configuration else {}))

    async def turn(self, order: int, text: str, *, ms=(0, 100), **more) -> None:
        await self.send(turn(order, text, ms=ms, **more))

    async def listen(self, until_ms: float = float("inf")) -> None:
        """Receives until so much audio is there, or the client asks for the end."""
        while self.audio_ms < until_ms and not self.terminated:
            message = await asyncio.wait_for(self.socket.recv(), BOUND_S)
            if isinstance(message, bytes):
                self.audio += message
                self.frame_sizes.append(len(message))
            else:
                self.texts.append(json.loads(message))

    async def terminate(self, audio_s: int = 1, session_s: int = 2) -> None:
        await self.send(
            {
                "type": "Termination",
                "audio_duration_seconds": audio_s,
                "session_duration_seconds": session_s,
            }
        )
        await self.socket.close(1000, "Session Ended")

    async def fail(self, code: int, text: str) -> None:
        """An Error message, then a close frame with the same code, as measured."""
        await self.send({"type": "Error", "error_code": code, "error": text})
        await self.socket.close(code, "See Error message for details")

    def abort(self) -> None:
        """Cuts the TCP connection without a close frame."""
        self.socket.transport.abort()

    async def stall(self) -> None:
        """Reads no more until the client goes, or has gone on to another connection."""
        self.socket.transport.pause_reading()
        poller = select.poll()
        poller.register(self.socket.transport.get_extra_info("socket").fileno(), _GONE)
        # Of a connection that isn't read, only the system tells that its peer has gone.
        while not (poller.poll(0) or self.is_left()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self.abort()


Script = Callable[[Session], Awaitable[None]]


def word(text: str, start: float, end: float, *, final=True, speaker=None) -> dict:
    fields = {"text": text, "start": start, "end": end, "confidence": 0.9, "word_is_final": final}
    return fields | ({"speaker": speaker} if speaker else {})


def turn(order: int, text: str, *, ms=(0, 100), final=True, formatted=False, words=None, **more):
    """A Turn message; its words share the time evenly unless they are given."""
    parts = text.split()
    step = (ms[1] - ms[0]) / max(1, len(parts))
    spread = [
        word(part, int(ms[0] + i * step), int(ms[0] + (i + 1) * step), final=final)
        for i, part in enumerate(parts)
    ]
    return {
        "type": "Turn",
        "turn_order": order,
        "turn_is_formatted": formatted,
        "end_of_turn": final,
        "transcript": text,
        "end_of_turn_confidence": 1.0 if final else 0.0,
        "words": spread if words is None else words,
    } | more


async def normal(session: Session) -> None:
    """Hears one turn and ends in good order."""
    await session.begin()
    await session.listen(100)
    await session.turn(0, "good", final=False)
    await session.turn(0, "good morning")
    await session.listen()
    await session.terminate()


class ScriptedServer:
    """Plays `scripts` in turn; the last one again for every further connection."""

    def __init__(self, *scripts: Script, **server_options) -> None:
        self._scripts = scripts
        self._options = server_options
        self.sessions: list[Session] = []
        self.errors: list[BaseException] = []
        self.arrived = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(BOUND_S)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(BOUND_S)
        assert not self._thread.is_alive()
        assert not self.errors, self.errors

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v3/ws"

    def all_closed(self) -> bool:
        """Whether no session is left open, now or within a moment."""
        return all(session.closed.wait(BOUND_S) for session in self.sessions)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._hold())

    async def _hold(self) -> None:
        options = {"ping_interval": None, "close_timeout": 1} | self._options
        async with serve(self._play, "127.0.0.1", 0, **options) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()

    def _has_gone_on_from(self, number: int) -> bool:
        return len(self.sessions) > number or self._stop.is_set()

    async def _play(self, socket: ServerConnection) -> None:
        query = dict(parse_qsl(urlsplit(socket.request.path).query))
        number = len(self.sessions) + 1
        headers = {name.lower(): value for name, value in socket.request.headers.raw_items()}
        rate_hz = int(query.get("sample_rate", 8000))
        session = Session(
            number, socket, headers, query, rate_hz, lambda: self._has_gone_on_from(number)
        )
        self.sessions.append(session)
        try:
            await self._scripts[min(number, len(self._scripts)) - 1](session)
        except ConnectionClosed:
            pass
        except BaseException as error:
            self.errors.append(error)
            raise
        finally:
            session.socket.transport.resume_reading()
            await session.socket.close()
            session.closed.set()


@cache
def _validators() -> dict:
    """A check for each type of message, from the vendor's own schema, if that is there.

    Where it is not, `test_scripted_server` says so. `Begin` is left out: the schema wants the
    text form of `expires_at`, the service sends a number.
    """
    path = SPECIFICATIONS / SPEC
    if not path.exists():
        return {}
    import jsonschema

    definitions = json.loads(path.read_text(encoding="utf-8"))["server_to_client"]["$defs"]
    names = [name for name in definitions if name.endswith("Event") and name != "BeginEvent"]
    return {
        name.removesuffix("Event"): jsonschema.Draft202012Validator(
            {"$defs": definitions, "$ref": f"#/$defs/{name}"}
        )
        for name in names
    }


def _validate(message: dict) -> None:
    """Holds the server to what the real one sends."""
    validator = _validators().get(message.get("type"))
    if validator is not None:
        validator.validate(message)
