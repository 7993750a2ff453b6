"""The WebSocket at /v2/live: a connection of a session, and another one after it was lost."""

import asyncio
import base64
import logging
from contextlib import suppress
from typing import Any

from pydantic_core import from_json
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from fermata.localserver.faults import Effect, Place
from fermata.localserver.gladia import messages
from fermata.localserver.gladia.book import GladiaBook, LiveSession
from fermata.localserver.gladia.messages import Topic
from fermata.localserver.gladia.session import Talk
from fermata.localserver.service import Service
from fermata.localserver.streaming.clock import Clock
from fermata.localserver.streaming.effects import SessionEffect, SlowDown, Withhold
from fermata.localserver.streaming.ending import (
    DeniedError,
    DroppedError,
    StalledError,
    first_to_end,
    strike,
)
from fermata.localserver.streaming.refusal import RefusalError
from fermata.localserver.streaming.wire import ABNORMAL, GoneError, UnsentError, Wire

LARGEST_BYTES = 2**20

IDLE_S = 30.0
"""A connection without audio for that long is dropped, as users report."""

_logger = logging.getLogger(__name__)

NORMAL = 1000
TOO_LARGE = 1009
FAILED = 1011
ENDED = 4403
"""What an ended session is closed with, and here an unknown one as well."""


class GladiaSocket:
    """The ASGI application of the WebSocket."""

    def __init__(self, service: Service, book: GladiaBook, clock: Clock) -> None:
        self._service = service
        self._book = book
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Holds one connection."""
        service = self._service
        service.store.requests[Place.WS_CONNECT] += 1
        wire = Wire(scope, receive, send)
        try:
            await strike(service.faults.take(Place.WS_CONNECT, None), wire)
            await wire.accept()
            session = self._book.by_token(wire.query.get("token"))
            if session is None or session.over or session.connected:
                await wire.close(ENDED, "Session not found, already ended or connected")
                return
            talk = await self._book.connect(session)
        except DeniedError as denied:
            await wire.deny(JSONResponse({"message": denied.effect.text}, denied.effect.status))
        except RefusalError as refusal:
            await wire.close(refusal.code, refusal.text or "")
        except DroppedError:
            await wire.reset()
        except StalledError as stalled:
            await wire.stall(stalled.for_s, service.stopping)
        except GoneError:
            return
        else:
            await _Connection(service, self._clock, wire, session, talk).hold()


class _Connection:
    """One connection of a session."""

    def __init__(
        self, service: Service, clock: Clock, wire: Wire, session: LiveSession, talk: Talk
    ) -> None:
        self._service = service
        self._clock = clock
        self._wire = wire
        self._session = session
        self._talk = talk
        self._effect: Effect | None = None
        self._received_bytes = 0
        self._is_given_up = False

    async def hold(self) -> None:
        """Holds the connection until the session is over, or it is lost."""
        try:
            await self._hold()
        except RefusalError as refusal:
            self._session.lose(refusal.code)
            await self._wire.close(refusal.code, refusal.text or "")
        except GoneError as gone:
            self._session.lose(gone.code)
        except DroppedError:
            self._session.lose(ABNORMAL)
            await self._wire.reset()
        except StalledError as stalled:
            # As lost: its client may come back at once, over another connection.
            self._session.lose(ABNORMAL)
            self._is_given_up = True
            await self._wire.stall(stalled.for_s, self._service.stopping)
            await self._wire.reset()
        except Exception:
            _logger.exception(
                "a connection of the Gladia session %s failed", self._session.session_id
            )
            self._session.lose(FAILED)
            await self._wire.close(FAILED, "")
        finally:
            if self._session.connected and not self._is_given_up:
                self._session.lose(ABNORMAL)

    async def _hold(self) -> None:
        """Reads and writes at once.

        Raises:
            RefusalError: It is to be closed.
            GoneError: The client went away.
            DroppedError: It is to be reset.
            StalledError: A fault: it is to stand still.
        """
        faults = self._service.faults
        await strike(faults.take(Place.WS_BEGIN, None), self._wire)
        self._effect = faults.take(Place.WS_MESSAGE, None)
        await first_to_end(self._send(), self._read())

    async def _send(self) -> None:
        """Sends what there is to say; the end of it is the end of the session."""
        while (message := await self._talk.outbox.get()) is not None:
            await self._wire.send(message)
        if self._wire.is_silent:
            await asyncio.Event().wait()
        code = FAILED if self._talk.failed else NORMAL
        self._session.end(code)
        await self._wire.close(code, "")

    async def _read(self) -> None:
        """Takes in what the client sends."""
        while True:
            message = await self._next_message()
            if len(message) > LARGEST_BYTES:
                raise RefusalError(TOO_LARGE)
            # A client that has gone gets no answers, but what it sent before that still counts.
            with suppress(UnsentError):
                await self._take(message)

    async def _take(self, message: str | bytes) -> None:
        """Takes in one message."""
        if isinstance(message, bytes):
            await self._audio(message)
        else:
            await self._text(message)

    async def _next_message(self) -> str | bytes:
        """The next message; a client that is silent for long is dropped."""
        try:
            async with asyncio.timeout(self._clock.real_s(IDLE_S)):
                return await self._wire.receive()
        except TimeoutError as error:
            raise DroppedError from error

    async def _audio(self, audio: bytes) -> None:
        """Takes in audio; what comes with a fault is lost, and isn't acknowledged."""
        effect = self._effect
        self._received_bytes += len(audio)
        if isinstance(effect, SessionEffect) and not isinstance(effect, Withhold):
            received_s = self._received_bytes / self._session.request.bytes_per_s
            if received_s >= effect.at_s:
                self._effect = None
                self._talk.delay_s = effect.by_s if isinstance(effect, SlowDown) else 0.0
                await strike(effect, self._wire)
        acknowledgment = self._talk.receive(audio)
        if acknowledgment is not None:
            await self._wire.send(acknowledgment)

    async def _text(self, text: str) -> None:
        """Understands a text message."""
        match _parsed(text):
            case {"type": "audio_chunk", "data": {"chunk": str(chunk)}}:
                await self._chunk(chunk)
            case {"type": "audio_chunk"}:
                problem = messages.audio_refused("data.chunk must be base64")
                self._talk.say(Topic.ACKNOWLEDGMENT, problem)
            case {"type": "stop_recording"}:
                await self._stop()
            case _:
                self._talk.say(Topic.ERROR, messages.error(400, "Invalid message"))

    async def _chunk(self, chunk: str) -> None:
        """Takes in audio that came as text."""
        try:
            audio = base64.b64decode(chunk, validate=True)
        except ValueError:
            problem = messages.audio_refused("data.chunk must be base64")
            self._talk.say(Topic.ACKNOWLEDGMENT, problem)
            return
        await self._audio(audio)

    async def _stop(self) -> None:
        """Ends the recording, unless a fault is due."""
        effect = self._service.faults.take(Place.WS_FINISH, None)
        await strike(effect, self._wire)
        if not isinstance(effect, Withhold):
            self._talk.stop()


def _parsed(text: str) -> Any:
    """What a text says, or nothing where it is no JSON."""
    try:
        return from_json(text)
    except ValueError:
        return None
