"""Task `report-session`: shows a live session in the Prefect UI, as a table and a transcript."""

import logging

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from config.prefect_records import TRANSCRIPT_KEY
from config.settings import settings
from fermata.report.session import session_table, transcript_markdown, wordless_markdown
from tasks.artifacts import shown
from tasks.policy import LOCAL_WORK
from tasks.stream import StreamedSession

logger = logging.getLogger(__name__)

TABLE_KEY = "session"


@task(name="report-session", task_run_name="show the session", **LOCAL_WORK)
def report_session(session: StreamedSession) -> None:
    """Creates the session's table and transcript artifacts, with words if the settings say so."""
    shown(
        create_table_artifact,
        table=session_table(session.report),
        key=TABLE_KEY,
        description=session.session,
    )
    shown(
        create_markdown_artifact,
        markdown=_markdown(session),
        key=TRANSCRIPT_KEY,
        description=session.session,
    )
    for label, where in session.written.items():
        logger.info("%s: %s", label, where)


def _markdown(session: StreamedSession) -> str:
    summary = session.summary
    notes = (*session.notes, *(summary.notes if summary else ()))
    if not settings().transcripts_in_prefect:
        where = session.written["session"]
        return wordless_markdown(session.report, session=session.session, where=where, notes=notes)
    return transcript_markdown(
        session.report,
        session.answers,
        session=session.session,
        summary=summary.text if summary else None,
        notes=notes,
    )
