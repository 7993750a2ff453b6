"""What the server knows: uploads, transcripts, and how often it was asked for what.

Everything is in memory and ends with the server. It is written in the server's thread only, and
may be read from any.
"""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from fermata.localserver.faults import Place
from fermata.localserver.results import Result
from fermata.localserver.streaming.records import StreamBook

JsonObject = dict[str, Any]

UPLOAD_PATH = "/upload/"


class Status(StrEnum):
    """The states of a job, as the vendor names them."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Transcript:
    """One job, and its result once there is one; the list shows it from `listed` on."""

    id: str
    audio_url: str
    content_id: str
    request: JsonObject
    created: datetime
    listed: datetime
    status: Status = Status.QUEUED
    completed: datetime | None = None
    error: str | None = None
    result: Result | None = None
    deleted: bool = False


@dataclass(slots=True)
class Store:
    """The memory of one server.

    Attributes:
        uploads: Content ids by upload id.
        transcripts: All jobs by id, oldest first.
        requests: How many requests reached each route, whatever became of them.
        span_s: When the first and the last of them came, by a clock that only goes forward.
        uploads_per_content: How many uploads were accepted, by content id.
        submissions: How many submissions were accepted, by content id. Deleting a transcript
            doesn't take its submission back.
        streams: All live sessions.
    """

    uploads: dict[str, str] = field(default_factory=dict)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    requests: Counter[Place] = field(default_factory=Counter)
    span_s: tuple[float, float] | None = None
    uploads_per_content: Counter[str] = field(default_factory=Counter)
    submissions: Counter[str] = field(default_factory=Counter)
    streams: StreamBook = field(default_factory=StreamBook)

    def received(self, place: Place) -> None:
        """Counts a request."""
        now_s = time.monotonic()
        self.requests[place] += 1
        self.span_s = (self.span_s[0] if self.span_s else now_s, now_s)

    def add_upload(self, content_id: str) -> str:
        """Accepts an upload and returns its id."""
        upload_id = str(uuid4())
        self.uploads[upload_id] = content_id
        self.uploads_per_content[content_id] += 1
        return upload_id

    def add_transcript(
        self, audio_url: str, content_id: str, request: JsonObject, *, listed_after_s: float = 0.0
    ) -> Transcript:
        """Accepts a submission, which the list shows after so many seconds."""
        created = datetime.now(UTC)
        listed = created + timedelta(seconds=listed_after_s)
        transcript = Transcript(str(uuid4()), audio_url, content_id, request, created, listed)
        self.transcripts[transcript.id] = transcript
        self.submissions[content_id] += 1
        return transcript

    def listed(self) -> list[Transcript]:
        """The transcripts that the list shows by now, oldest first."""
        now = datetime.now(UTC)
        return [one for one in list(self.transcripts.values()) if one.listed <= now]

    def begin(self, transcript_id: str) -> None:
        """A job is in work."""
        self._change(transcript_id, status=Status.PROCESSING)

    def complete(self, transcript_id: str, result: Result) -> None:
        """A job went well; if it was deleted meanwhile, what it says is dropped."""
        self._change(
            transcript_id,
            status=Status.COMPLETED,
            completed=datetime.now(UTC),
            result=None if self.transcripts[transcript_id].deleted else result,
        )

    def fail(self, transcript_id: str, error: str) -> None:
        """A job went wrong."""
        self._change(transcript_id, status=Status.ERROR, completed=datetime.now(UTC), error=error)

    def delete(self, transcript_id: str) -> Transcript:
        """Marks a transcript as deleted, drops what it said, and forgets its upload."""
        audio_url = self.transcripts[transcript_id].audio_url
        self.uploads.pop(upload_id_of(audio_url) or "", None)
        self._change(transcript_id, deleted=True, result=None)
        return self.transcripts[transcript_id]

    def holds(self, content_id: str) -> bool:
        """Whether an upload or an unfinished job still needs that content."""
        return content_id in self.uploads.values() or any(
            one.content_id == content_id and one.status in {Status.QUEUED, Status.PROCESSING}
            for one in self.transcripts.values()
        )

    def state(self) -> JsonObject:
        """The counts, for programs that look from outside."""
        return {
            "requests": dict(self.requests),
            "first_to_last_request_s": self.span_s[1] - self.span_s[0] if self.span_s else 0.0,
            "uploads": dict(self.uploads_per_content),
            "submissions": dict(self.submissions),
            "streams": self.streams.state(),
            "jobs": dict(Counter(one.status for one in list(self.transcripts.values()))),
        }

    def _change(self, transcript_id: str, **changes: Any) -> None:
        """Replaces a transcript by a changed one."""
        self.transcripts[transcript_id] = replace(self.transcripts[transcript_id], **changes)


def upload_id_of(audio_url: str) -> str | None:
    """The upload that an address names, if it has the form of this server's addresses."""
    _, found, upload_id = audio_url.partition(UPLOAD_PATH)
    return upload_id if found else None
