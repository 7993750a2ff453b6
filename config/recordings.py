"""Where a nightly run looks for recordings unless it is told, and which night it is."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.settings import settings
from fermata.errors import UsageError


def nightly_sources(given: Sequence[str]) -> tuple[str, ...]:
    """The sources given, or those of `FERMATA_RECORDINGS`.

    Raises:
        UsageError: neither names one.
    """
    sources = tuple(given) or settings().recordings
    if not sources:
        raise UsageError(
            "no recordings named: set FERMATA_RECORDINGS to folders or addresses, "
            "separated by commas, or fill in the parameter recordings"
        )
    return sources


def night_of(start: datetime) -> date:
    """The day that a nightly run belongs to, by the clock of its schedule.

    Args:
        start: when the run was to start, with a time zone.
    """
    return start.astimezone(ZoneInfo(settings().nightly_timezone)).date()
