"""A session that has begun: reads, works and keeps the time limits, until one of them ends it."""

import asyncio
import math
import time
from collections.abc import Iterable

from fermata.localserver.faults import Effect, Place
from fermata.localserver.service import Service
from fermata.localserver.streaming import server_messages
from fermata.localserver.streaming.client_messages import (
    ClientMessage,
    ForceEndpoint,
    KeepAlive,
    Terminate,
    Update,
    read_message,
)
from fermata.localserver.streaming.clock import Clock
from fermata.localserver.streaming.effects import SessionEffect, SlowDown, Withhold
from fermata.localserver.streaming.ending import first_to_end, strike
from fermata.localserver.streaming.framing import FramingRule, check_pace
from fermata.localserver.streaming.records import StreamRecord
from fermata.localserver.streaming.refusal import ENDED_REASON, RefusalError
from fermata.localserver.streaming.session import StreamSession
from fermata.localserver.streaming.wire import Wire

HEARTBEAT_EVERY_S = 5.0

NORMAL = 1000
_EXPIRED = "Session Expired: Maximum session duration exceeded"


class Conversation:
    """One open session.

    Messages are read as they come, and worked on in order, so that nothing waits for the engine
    but what it is about.
    """

    def __init__(
        self,
        service: Service,
        clock: Clock,
        wire: Wire,
        session: StreamSession,
        record: StreamRecord,
    ) -> None:
        self._service = service
        self._clock = clock
        self._wire = wire
        self._session = session
        self._record = record
        self._queue: asyncio.Queue[bytes | ClientMessage] = asyncio.Queue()
        self._waiting_bytes = 0
        self._heard_bytes = 0
        self._framing = FramingRule(record.bytes_per_s / 1000)
        self._began_s = time.monotonic()
        self._effect: Effect | None = None
        self._delay_s = 0.0

    async def hold(self, longest_s: int) -> None:
        """Holds the session until it is terminated.

        Args:
            longest_s: When it is ended anyway.

        Raises:
            RefusalError: It is to be closed with an error.
            GoneError: The client went away.
            DroppedError: A fault: the connection is to be reset.
            StalledError: A fault: the connection is to stand still.
        """
        self._effect = self._service.faults.take(Place.WS_MESSAGE, None)
        await first_to_end(
            self._work(), self._read(), self._expire(longest_s), self._beat_the_heart()
        )

    async def _read(self) -> None:
        """Takes in what the client sends."""
        while True:
            message = await self._next_message()
            if isinstance(message, bytes):
                self._check(message)
                self._record.receive(message)
                self._waiting_bytes += len(message)
                self._queue.put_nowait(message)
                continue
            said = read_message(message)
            self._queue.put_nowait(said)
            if isinstance(said, Terminate):
                await self._read_no_more()

    async def _next_message(self) -> str | bytes:
        """The next message, within the time that the client set itself."""
        limit_s = self._session.parameters.inactivity_timeout
        if limit_s is None:
            return await self._wire.receive()
        try:
            async with asyncio.timeout(self._clock.real_s(limit_s)):
                return await self._wire.receive()
        except TimeoutError as error:
            raise RefusalError(
                3006,
                f"Session terminated due to inactivity: No messages received for {limit_s} seconds",
            ) from error

    async def _read_no_more(self) -> None:
        """After Terminate, all that counts is whether the client goes away."""
        while True:
            await self._wire.receive()

    def _check(self, message: bytes) -> None:
        """Goes by the rules on audio messages."""
        self._framing.check(message)
        audio_s = (self._record.audio_bytes + len(message)) / self._record.bytes_per_s
        elapsed_s = time.monotonic() - self._began_s
        check_pace(audio_s, elapsed_s, self._service.config.streaming.audio_ahead_s)

    async def _work(self) -> None:
        """Does what the messages ask for, in order, until the session is terminated."""
        while True:
            match await self._queue.get():
                case bytes() as audio:
                    await self._hear(audio)
                case Terminate():
                    await self._terminate()
                    return
                case ForceEndpoint():
                    await self._send(await self._session.force())
                case Update(change):
                    self._session.update(change)
                case KeepAlive():
                    pass

    async def _hear(self, audio: bytes) -> None:
        """Listens to some audio; a fault may be due after it."""
        await asyncio.sleep(self._delay_s)
        self._waiting_bytes -= len(audio)
        self._heard_bytes += len(audio)
        behind_ms = self._waiting_bytes * 1000 // self._record.bytes_per_s
        await self._send(await self._session.hear(audio, behind_ms))
        effect = self._effect
        if not isinstance(effect, SessionEffect) or isinstance(effect, Withhold):
            return
        if self._heard_bytes >= effect.at_s * self._record.bytes_per_s:
            self._effect = None
            self._delay_s = effect.by_s if isinstance(effect, SlowDown) else 0.0
            await strike(effect, self._wire)

    async def _terminate(self) -> None:
        """Sends what is left, and ends the session as it should end."""
        self._record.finished = True
        await self._send(await self._session.finish())
        effect = self._service.faults.take(Place.WS_FINISH, None)
        await strike(effect, self._wire)
        if isinstance(effect, Withhold) or self._wire.is_silent:
            await asyncio.Event().wait()
        self._record.close(NORMAL)
        audio_s = math.ceil(self._record.audio_s)
        await self._wire.send(server_messages.termination(audio_s, self._record.billed_s))
        await self._wire.close(NORMAL, ENDED_REASON)

    async def _expire(self, longest_s: int) -> None:
        """Ends the session when it has lasted too long."""
        await self._clock.sleep(longest_s)
        raise RefusalError(3008, _EXPIRED)

    async def _beat_the_heart(self) -> None:
        """Says every now and then how the session fares, if that was asked for."""
        while True:
            await self._clock.sleep(HEARTBEAT_EVERY_S)
            if self._session.parameters.session_heartbeat:
                audio_ms = round(self._record.audio_s * 1000)
                session_ms = round((time.monotonic() - self._began_s) * 1000)
                beat = server_messages.heartbeat(audio_ms, session_ms, self._session.loudest())
                await self._wire.send(beat)

    async def _send(self, frames: Iterable[server_messages.JsonObject]) -> None:
        """Sends some frames."""
        for frame in frames:
            await self._wire.send(frame)
