"""The WebSocket at /v3/ws: from the upgrade to the end of a session.

The upgrade always succeeds; what is wrong with the key or the parameters is told in an Error frame
before the close.
"""

import logging
import time
from uuid import uuid4

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from fermata.localserver.faults import Place
from fermata.localserver.gateway.asking import asker
from fermata.localserver.service import Service
from fermata.localserver.streaming import server_messages
from fermata.localserver.streaming.clock import Clock
from fermata.localserver.streaming.conversation import Conversation
from fermata.localserver.streaming.effects import Withhold
from fermata.localserver.streaming.ending import (
    DeniedError,
    DroppedError,
    StalledError,
    strike,
)
from fermata.localserver.streaming.engine_hearing import Wanted
from fermata.localserver.streaming.parameters import Parameters, read_parameters
from fermata.localserver.streaming.records import StreamRecord
from fermata.localserver.streaming.refusal import CANCELLED, CLOSE_REASON, RefusalError
from fermata.localserver.streaming.session import StreamSession
from fermata.localserver.streaming.tokens import Tokens, admit
from fermata.localserver.streaming.wire import ABNORMAL, GoneError, Wire

GOING_AWAY = 1012

_logger = logging.getLogger(__name__)

_TOO_MANY = {
    1008: "Unauthorized connection: Too many concurrent sessions",
    3009: "Unauthorized Connection: Too many concurrent sessions",
}


class StreamingSocket:
    """The ASGI application of /v3/ws."""

    def __init__(self, service: Service, tokens: Tokens, clock: Clock) -> None:
        self._service = service
        self._tokens = tokens
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Holds one connection."""
        self._service.store.requests[Place.WS_CONNECT] += 1
        visit = _Visit(self._service, self._tokens, self._clock, Wire(scope, receive, send))
        await visit.hold()


class _Visit:
    """One connection, and the session on it if it comes to one."""

    def __init__(self, service: Service, tokens: Tokens, clock: Clock, wire: Wire) -> None:
        self._service = service
        self._tokens = tokens
        self._clock = clock
        self._wire = wire
        self._record: StreamRecord | None = None

    async def hold(self) -> None:
        """Holds the connection to its end, and puts down how it ended."""
        try:
            await self._welcome()
        except DeniedError as denied:
            body = {"error": denied.effect.text}
            self._close(ABNORMAL)
            await self._wire.deny(JSONResponse(body, denied.effect.status))
        except RefusalError as refusal:
            await self._refuse(refusal)
        except GoneError as gone:
            self._close(gone.code)
        except DroppedError:
            self._close(ABNORMAL)
            await self._wire.reset()
        except StalledError as stalled:
            await self._wire.stall(stalled.for_s, self._service.stopping)
            self._close(ABNORMAL)
            await self._wire.reset()
        except Exception:
            _logger.exception("a live session failed")
            await self._refuse(RefusalError(3005, CANCELLED))
        finally:
            if self._record is not None and self._record.is_open:
                self._record.close(GOING_AWAY)

    async def _welcome(self) -> None:
        """Lets the client in and holds its session."""
        faults = self._service.faults
        await strike(faults.take(Place.WS_CONNECT, None), self._wire)
        await self._wire.accept()
        header = self._wire.headers.get("authorization")
        longest_s = admit(self._service, self._tokens, header, self._wire.query.get("token"))
        parameters = read_parameters(dict(self._wire.query), self._service.config.era)
        self._check_room()
        session = await self._session(parameters)
        effect = faults.take(Place.WS_BEGIN, None)
        await strike(effect, self._wire)
        record = self._record = self._service.store.streams.add(_record(parameters))
        if not isinstance(effect, Withhold):
            await self._wire.send(self._begin(record, parameters, longest_s))
        conversation = Conversation(self._service, self._clock, self._wire, session, record)
        await conversation.hold(longest_s)

    def _check_room(self) -> None:
        """Refuses one session too many."""
        config = self._service.config.streaming
        open_now = self._service.store.streams.open_of("assemblyai")
        if config.max_sessions is not None and open_now >= config.max_sessions:
            code = config.too_many_sessions_code
            raise RefusalError(code, _TOO_MANY[code])

    async def _session(self, parameters: Parameters) -> StreamSession:
        """A session with those parameters."""
        wanted = Wanted(parameters.turns.vad_threshold, parameters.first_words_ms)
        hearing = await self._service.hearings.begin(parameters.sample_rate, wanted)
        config = self._service.config.streaming
        return StreamSession(parameters, config, hearing, asker(self._service))

    def _begin(
        self, record: StreamRecord, parameters: Parameters, longest_s: int
    ) -> server_messages.JsonObject:
        """The first message."""
        version = self._wire.headers.get("assemblyai-version", server_messages.API_VERSION)
        expires_at_s = int(time.time()) + longest_s
        return server_messages.begin(record.session_id, expires_at_s, parameters, version)

    async def _refuse(self, refusal: RefusalError) -> None:
        """Says why, and closes; the books are closed before the client can see it."""
        if self._record is None:
            self._service.store.streams.refused[refusal.code] += 1
        self._close(refusal.code, refusal.text)
        if refusal.text is None:
            await self._wire.close(refusal.code, "")
            return
        try:
            await self._wire.send(server_messages.error(refusal.code, refusal.text))
        except GoneError:
            return
        await self._wire.close(refusal.code, CLOSE_REASON)

    def _close(self, code: int, text: str | None = None) -> None:
        """Puts down how the session ended, if there was one."""
        if self._record is not None and self._record.is_open:
            self._record.close(code, text)


def _record(parameters: Parameters) -> StreamRecord:
    """The record of a new session."""
    return StreamRecord(
        session_id=str(uuid4()),
        provider="assemblyai",
        parameters=parameters.model_dump(mode="json", exclude_defaults=True),
        bytes_per_s=parameters.sample_rate * parameters.bytes_per_sample,
    )
