"""What the server knows of its sessions: what was received, how long they lasted, how they ended.

The service bills the time that a session is open. Everything is written in the server's thread
only, and may be read from any.
"""

import hashlib
import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JsonObject = dict[str, Any]

Provider = Literal["assemblyai", "gladia"]


@dataclass(slots=True)
class Received:
    """The audio that came over one connection.

    A client whose connection was lost may send again what had arrived, so only the audio of
    each connection tells whether all of it came as it was sent.

    Attributes:
        audio_bytes: How much it was.
    """

    audio_bytes: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def receive(self, audio: bytes) -> None:
        """Some audio came."""
        self.audio_bytes += len(audio)
        self._digest.update(audio)

    @property
    def audio_sha256(self) -> str:
        """The SHA-256 of it, in order, in hex."""
        return str(self._digest.hexdigest())


@dataclass(slots=True)
class StreamRecord:
    """One session.

    Attributes:
        session_id: Its id.
        provider: Whose API it spoke.
        parameters: What it asked for, as it was understood.
        bytes_per_s: What a second of its audio takes.
        opened_s: When it was opened, on the monotonic clock.
        closed_s: When it was closed, None while it is open.
        audio_bytes: How much audio was received.
        finished: Whether the client ended it as it should, by Terminate or stop_recording.
        close_code: What it was closed with, by whomever.
        error: The text of the Error frame, if there was one.
        by_connection: What came over each of its connections; only Gladia's can have several.
    """

    session_id: str
    provider: Provider
    parameters: Mapping[str, Any]
    bytes_per_s: int
    opened_s: float = field(default_factory=time.monotonic)
    closed_s: float | None = None
    audio_bytes: int = 0
    finished: bool = False
    close_code: int | None = None
    error: str | None = None
    by_connection: list[Received] = field(default_factory=lambda: [Received()])
    _digest: Any = field(default_factory=hashlib.sha256)

    def receive(self, audio: bytes) -> None:
        """Some audio came."""
        self.audio_bytes += len(audio)
        self._digest.update(audio)
        self.by_connection[-1].receive(audio)

    def close(self, code: int, error: str | None = None) -> None:
        """The session was closed."""
        self.closed_s = time.monotonic()
        self.close_code = code
        self.error = error

    def reopen(self) -> None:
        """The session goes on over another connection."""
        self.closed_s = None
        self.close_code = None
        self.by_connection.append(Received())

    @property
    def connections(self) -> int:
        """How many connections it had."""
        return len(self.by_connection)

    @property
    def is_open(self) -> bool:
        """Whether it still costs."""
        return self.closed_s is None

    @property
    def audio_s(self) -> float:
        """How much audio was received."""
        return self.audio_bytes / self.bytes_per_s

    @property
    def open_s(self) -> float:
        """How long it has been open, or was."""
        return (time.monotonic() if self.closed_s is None else self.closed_s) - self.opened_s

    @property
    def billed_s(self) -> int:
        """What is billed: each second begun, idle ones as well."""
        return math.ceil(self.open_s)

    @property
    def audio_sha256(self) -> str:
        """The SHA-256 of all audio received, in order, in hex."""
        return str(self._digest.hexdigest())

    def summary(self) -> JsonObject:
        """The session, for programs that look from outside."""
        return {
            "session_id": self.session_id,
            "provider": self.provider,
            "parameters": dict(self.parameters),
            "open": self.is_open,
            "open_s": round(self.open_s, 3),
            "billed_s": self.billed_s,
            "audio_bytes": self.audio_bytes,
            "audio_s": round(self.audio_s, 3),
            "audio_sha256": self.audio_sha256,
            "finished": self.finished,
            "close_code": self.close_code,
            "error": self.error,
            "connections": self.connections,
        }


@dataclass(slots=True)
class StreamBook:
    """All sessions of one server, oldest first.

    Attributes:
        records: The sessions, by id.
        refused: How many connections were refused before a session began, by close code.
    """

    records: dict[str, StreamRecord] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)

    def add(self, record: StreamRecord) -> StreamRecord:
        """A session was opened."""
        self.records[record.session_id] = record
        return record

    @property
    def sessions(self) -> list[StreamRecord]:
        """All sessions, oldest first."""
        return list(self.records.values())

    @property
    def open_sessions(self) -> int:
        """How many sessions are open."""
        return sum(record.is_open for record in self.sessions)

    def open_of(self, provider: Provider) -> int:
        """How many sessions of that API are open."""
        return sum(record.is_open and record.provider == provider for record in self.sessions)

    def state(self) -> JsonObject:
        """The sessions, for programs that look from outside."""
        return {
            "open": self.open_sessions,
            "billed_s": sum(record.billed_s for record in self.sessions),
            "refused": {str(code): count for code, count in self.refused.items()},
            "sessions": [record.summary() for record in self.sessions],
        }
