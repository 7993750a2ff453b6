"""How a job comes into the ledger, and comes back after it failed."""

from sqlalchemy import ColumnElement, and_, case, null, or_

from fermata.ledger.clock import now_s
from fermata.ledger.database import Database, Insert
from fermata.ledger.models import JobState
from fermata.ledger.rows import in_state
from fermata.ledger.schema import JOBS

_PLANNED_AGAIN = and_(JOBS.c.state == JobState.FAILED, JOBS.c.permanent.is_(False))
_ACCEPTED_BEFORE = and_(_PLANNED_AGAIN, JOBS.c.transcript_id.is_not(None))


def plan_statement(database: Database) -> Insert:
    """Plans a job unless it is known; one that failed, but not for good, starts again.

    What is known of a submission that may have been accepted stays (`upload_url`,
    `attempted_at`), so that it is looked up before another one is sent. Only where the service
    accepted the job, and failed it later, is there nothing left to look up.
    """
    insert = database.insert(JOBS).values(planned_at=now_s())
    return insert.on_conflict_do_update(
        index_elements=[JOBS.c.recording_id, JOBS.c.options_hash],
        set_={
            "name": insert.excluded.name,
            "uri": insert.excluded.uri,
            "recording_group": insert.excluded.recording_group,
            "run_id": insert.excluded.run_id,
            "state": _next_state(),
            "service": _kept(JOBS.c.service),
            "upload_url": _kept(JOBS.c.upload_url),
            "attempted_at": _kept(JOBS.c.attempted_at),
            "transcript_id": null(),
            "reason": null(),
            "submitted_at": null(),
            "settled_at": null(),
            "tabled_at": null(),
        },
        where=or_(
            in_state(JobState.PLANNED, JobState.UPLOADED),
            _PLANNED_AGAIN,
        ),
    )


def _next_state() -> ColumnElement[str]:
    return case(
        (JOBS.c.state != JobState.FAILED, JOBS.c.state),
        (and_(JOBS.c.transcript_id.is_(None), JOBS.c.upload_url.is_not(None)), JobState.UPLOADED),
        else_=JobState.PLANNED,
    )


def _kept(column: ColumnElement[object]) -> ColumnElement[object]:
    return case((_ACCEPTED_BEFORE, null()), else_=column)
