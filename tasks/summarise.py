"""Task `summarise-session`: asks a language model what a whole session was about."""

import logging

from prefect import task

from config.settings import settings
from config.streaming import StreamingService, gateway_for
from config.wiring import storage
from fermata.assemblyai.errors import ServiceError
from fermata.assemblyai.gateway import Summary, summarise
from fermata.errors import UsageError
from fermata.sessions.summary import keep_summary
from fermata.storage import StorageError
from tasks.policy import LOCAL_WORK
from tasks.stream import StreamedSession

logger = logging.getLogger(__name__)


@task(name="summarise-session", task_run_name="summarise the session", **LOCAL_WORK)
def summarise_session(
    session: StreamedSession, service: StreamingService, model: str
) -> Summary | None:
    """Keeps the summary with the session; without one it says why, and the session is no worse."""
    turns = sorted(
        (turn for channel in session.report.channels for turn in channel.turns),
        key=lambda turn: turn.start_ms or 0.0,
    )
    try:
        summary = summarise(
            gateway_for(service),
            turns,
            model=model,
            fallback_models=settings().llm_fallback_models,
        )
    except (ServiceError, UsageError) as error:
        logger.warning("no summary: %s", error)
        return None
    if summary is None:
        logger.warning("no summary: nothing was said")
        return None
    for note in summary.notes:
        logger.warning("%s", note)
    try:
        keep_summary(storage(), session.session, summary.as_json())
    except StorageError as error:
        logger.warning("%s", error)
    return summary
