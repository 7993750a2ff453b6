"""The Gladia sessions of a server, from the request on, by id and by token."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fermata.localserver.gladia.messages import Topic, lifecycle, now
from fermata.localserver.gladia.request import LiveRequest
from fermata.localserver.gladia.session import Talk
from fermata.localserver.streaming.engine_hearing import Wanted
from fermata.localserver.streaming.hearing import Hearings
from fermata.localserver.streaming.records import StreamBook, StreamRecord

JsonObject = dict[str, Any]

_MAY_COME_BACK = frozenset({1006, 1011, 1012})
"""Lost connections, not closed ones: the session waits for another one."""

FIRST_WORDS_MS = 480
"""So much speech makes the first of a session's partial words."""


@dataclass(slots=True)
class LiveSession:
    """One session.

    Attributes:
        session_id: Its id.
        token: What lets a connection in.
        request: What it was asked for.
        created: When, as the service writes it.
        talk: What is said in it, from the first connection on.
        connected: Whether a connection is open.
        over: Whether it takes no connection any more.
    """

    session_id: str
    token: str
    request: LiveRequest
    created: str
    talk: Talk | None = None
    connected: bool = False
    over: bool = False

    @property
    def status(self) -> str:
        """Its state, as the service names it."""
        if self.talk is None:
            return "queued"
        if self.talk.completed is None:
            return "processing"
        return "error" if self.talk.failed else "done"

    def lose(self, code: int) -> None:
        """Its connection is no more; a client that closed it itself has ended the recording."""
        self.connected = False
        if self.talk is None:
            return
        self.talk.record.close(code)
        if code not in _MAY_COME_BACK:
            self.talk.stop()
            self.over = True

    def end(self, code: int) -> None:
        """All is said."""
        self.connected = False
        self.over = True
        if self.talk is not None:
            self.talk.record.close(code)


@dataclass(slots=True)
class GladiaBook:
    """All sessions, oldest first."""

    hearings: Hearings
    streams: StreamBook
    sessions: dict[str, LiveSession] = field(default_factory=dict)

    def add(self, request: LiveRequest) -> LiveSession:
        """A session was asked for."""
        session = LiveSession(str(uuid4()), str(uuid4()), request, now())
        self.sessions[session.session_id] = session
        return session

    def by_token(self, token: str | None) -> LiveSession | None:
        """The session that a token belongs to."""
        matches = (session for session in self.sessions.values() if session.token == token)
        return next(matches, None)

    @property
    def unfinished(self) -> int:
        """How many sessions are not over."""
        return sum(not session.over for session in self.sessions.values())

    async def connect(self, session: LiveSession) -> Talk:
        """A session got a connection, its first or another one."""
        session.connected = True
        if session.talk is None:
            session.talk = await self._begin(session)
        else:
            session.talk.record.reopen()
        return session.talk

    async def _begin(self, session: LiveSession) -> Talk:
        """The first connection of a session."""
        request = session.request
        record = self.streams.add(
            StreamRecord(
                session.session_id,
                "gladia",
                request.model_dump(mode="json", exclude_defaults=True),
                request.bytes_per_s,
            )
        )
        wanted = Wanted(request.pre_processing.speech_threshold, _first_words_ms(request))
        channels = range(request.channels)
        heard = [await self.hearings.begin(request.sample_rate, wanted) for _ in channels]
        talk = Talk(session.session_id, request, record, heard)
        talk.say(Topic.LIFECYCLE, lifecycle("start_session"))
        talk.say(Topic.LIFECYCLE, lifecycle("start_recording"))
        return talk

    async def close(self) -> None:
        """Gives up all sessions."""
        for session in self.sessions.values():
            if session.talk is not None:
                await session.talk.close()


def _first_words_ms(request: LiveRequest) -> int | None:
    """When uncertain words are wanted, if they are."""
    return FIRST_WORDS_MS if request.messages_config.receive_partial_transcripts else None
