"""Between rows of the table `jobs` and `Job`s."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, null, or_, select

from fermata.ledger.clock import as_datetime, now_s
from fermata.ledger.models import Job, JobKey, JobState, PlannedJob
from fermata.ledger.schema import JOBS

T = TypeVar("T")

CHUNK = 10_000
"""How many values one statement carries; SQLite takes 32,766, PostgreSQL 65,535."""

SETTLED = (JobState.COMPLETED, JobState.FAILED)

SAME_MOMENT_S = 0.001
"""Times lose less than that on their way through `datetime`."""

_STORED = [
    JOBS.c[name]
    for name in (
        "recording_id", "options_hash", "state", "name", "uri", "recording_group", "engine",
        "speech_models", "duration_s", "channels", "batch", "run_id", "service", "upload_url",
        "transcript_id", "reason", "permanent", "planned_at", "submitted_at", "settled_at",
        "tabled_at",
    )
]  # fmt: skip

_ATTEMPTED_AGO_S = case(
    (and_(JOBS.c.transcript_id.is_(None), JOBS.c.attempted_at.is_not(None)),
     now_s() - JOBS.c.attempted_at),
    else_=null(),
).label("attempted_ago_s")  # fmt: skip


def select_jobs() -> Select[Any]:
    """Selects all that `to_job` needs."""
    return select(*_STORED, _ATTEMPTED_AGO_S)


def has_key(key: JobKey) -> ColumnElement[bool]:
    """The condition that a row is this job's."""
    return and_(JOBS.c.recording_id == key.recording_id, JOBS.c.options_hash == key.options_hash)


HAS_KEY = and_(
    JOBS.c.recording_id == bindparam("of_recording"), JOBS.c.options_hash == bindparam("of_options")
)
"""The same for a statement that is built once: building takes longer than running it."""


def of_job(key: JobKey) -> dict[str, object]:
    """Returns the values of `HAS_KEY`."""
    return {"of_recording": key.recording_id, "of_options": key.options_hash}


def in_state(*states: JobState) -> ColumnElement[bool]:
    """The condition that a row is in one of these states.

    Spelled out, because SQLAlchemy takes no `IN` in statements that run for many rows at once.
    """
    return or_(*(JOBS.c.state == state for state in states))


def to_job(row: Row[Any]) -> Job:
    """Returns the job that a row of `select_jobs` holds."""
    # Taken apart at once: looking up each column by its name takes longer than all the rest.
    values: Sequence[Any] = row
    recording_id, options_hash, state, name, uri, group, engine, models, *more = values
    duration_s, channels, batch, run_id, service, upload_url, transcript_id, reason, *more = more
    permanent, planned_at, submitted_at, settled_at, tabled_at, attempted_ago_s = more
    return Job(
        key=JobKey(recording_id, options_hash),
        state=JobState(state),
        name=name,
        uri=uri,
        group=group,
        engine=engine,
        speech_models=tuple(models),
        duration_s=duration_s,
        channels=channels,
        batch=batch,
        run_id=run_id,
        service=service,
        upload_url=upload_url,
        attempted_ago_s=attempted_ago_s,
        transcript_id=transcript_id,
        reason=reason,
        permanent=permanent,
        planned_at=as_datetime(planned_at),
        submitted_at=_time_or_none(submitted_at),
        settled_at=_time_or_none(settled_at),
        tabled_at=_time_or_none(tabled_at),
    )


def to_row(job: PlannedJob | Job) -> dict[str, object]:
    """Returns the row of a job that is planned for the first time."""
    return {
        "recording_id": job.key.recording_id,
        "options_hash": job.key.options_hash,
        "state": JobState.PLANNED,
        "name": job.name,
        "uri": job.uri,
        "recording_group": job.group,
        "engine": job.engine,
        "speech_models": list(job.speech_models),
        "duration_s": job.duration_s,
        "channels": job.channels,
        "batch": job.batch,
        "run_id": job.run_id,
    }


def in_chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Splits the items into lists of at most `size`."""
    everything = list(items)
    return (everything[start : start + size] for start in range(0, len(everything), size))


def _time_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else as_datetime(seconds)
