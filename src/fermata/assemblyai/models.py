"""The service's answers, as far as Fermata reads them; whatever else they hold is let through."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from fermata.validation import length_s


class TranscriptStatus(StrEnum):
    """How far the service has come with a transcript (the whole list of its OpenAPI file).

    A status that is not in it is read as `PROCESSING`: whatever the service calls it, the job is
    neither done nor failed.
    """

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ERROR = "error"


def _known_or_running(status: object) -> object:
    is_unknown = isinstance(status, str) and status not in set(TranscriptStatus)
    return TranscriptStatus.PROCESSING if is_unknown else status


_Status = Annotated[TranscriptStatus, BeforeValidator(_known_or_running)]


def _in_utc(moment: datetime) -> datetime:
    """Reads a time without a zone as UTC: the service writes it with a Z, its own spec without."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_Moment = Annotated[datetime, AfterValidator(_in_utc)]
_Text = Annotated[str, Field(min_length=1)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class UploadAnswer(_Answer):
    """The answer of `POST /v2/upload`."""

    upload_url: _Text


class TranscriptAnswer(_Answer):
    """The answer of `POST /v2/transcript` and of `GET /v2/transcript/{id}`.

    `audio_duration` is in seconds, rounded up by the service; None where it cannot be true.
    """

    id: _Text
    status: _Status
    error: str | None = None
    audio_duration: Annotated[float | None, BeforeValidator(length_s)] = None


class ListedTranscript(_Answer):
    """One transcript in the list."""

    id: _Text
    status: _Status
    created: _Moment
    audio_url: str | None = None


class PageDetails(_Answer):
    """Where a page of the list stands: `prev_url` leads to the OLDER transcripts."""

    prev_url: str | None = None


class TranscriptPage(_Answer):
    """A page of `GET /v2/transcript`, newest first."""

    page_details: PageDetails
    transcripts: tuple[ListedTranscript, ...]
