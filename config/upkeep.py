"""How long things are kept, and who deletes them at the service, by the settings."""

from dataclasses import replace
from datetime import UTC, datetime

from config.choices import Engine
from config.prefect_records import RecordsError, expired_transcripts
from config.services import ServiceAddress, client_for
from config.settings import settings
from config.wiring import ledger, storage
from fermata.upkeep import DeleteAtService, Keep, Tidying, deleting_with, plan_tidying


def planned_tidying() -> Tidying:
    """What there is to tidy now in the data folder."""
    current = settings()
    keep = Keep(
        transcripts_days=current.keep_transcripts_days,
        audio_days=current.keep_audio_days,
        sessions_days=current.keep_sessions_days,
        streamed_days=current.keep_streamed_days,
        reports_days=current.keep_reports_days,
    )
    now = datetime.now(UTC)
    planned = plan_tidying(storage(), ledger(), keep, now)
    try:
        return replace(planned, shown=expired_transcripts(keep.streamed_days, now))
    except RecordsError as error:
        return replace(planned, problems=(str(error),))


def delete_at_service() -> DeleteAtService | None:
    """Deletes transcripts at AssemblyAI where the settings ask for it.

    Raises:
        UsageError: the address is not safe to send a key to.
    """
    if not settings().delete_at_service:
        return None
    service = ServiceAddress(Engine.ASSEMBLYAI, settings().assemblyai_base_url)
    return deleting_with(client_for(service))
