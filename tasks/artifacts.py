"""Artifacts and events for the Prefect server, which a run shows but does not depend on.

Nothing is lost where the server is away: what an artifact shows stands in the tables. To ask it
again for each recording would hold the run up, though, since the client tries for a while.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from httpx import HTTPError
from prefect.events import emit_event

from fermata.report.cells import cell
from fermata.sessions.cleaning import Cleaner

logger = logging.getLogger(__name__)

_LEAVE_ALONE_S = 60.0


class _Server:
    """When the server was last found away, for all artifacts of this process."""

    away_until_s = 0.0


def shown(show: Callable[..., object], *arguments: Any, **artifact: Any) -> Any:
    """Creates or updates an artifact; returns what Prefect does, or None where it cannot.

    Args:
        show: one of Prefect's functions for artifacts.
        arguments: for it.
        artifact: for it. Secrets in it are masked; in tables and descriptions nothing is markup.
    """
    if time.monotonic() < _Server.away_until_s:
        return None
    fit = {name: _fit(name, Cleaner().clean(value)) for name, value in artifact.items()}
    try:
        return show(*arguments, **fit)
    except HTTPError as error:
        _Server.away_until_s = time.monotonic() + _LEAVE_ALONE_S
        reason = type(error).__name__
        logger.warning("the Prefect server does not answer (%s); the run goes on", reason)
        return None


def emitted(event: str, resource: dict[str, str], payload: Mapping[str, Any]) -> None:
    """Emits an event; secrets in it are masked."""
    clean = Cleaner().clean
    emit_event(event=event, resource=clean(resource), payload=clean(payload))


def _fit(name: str, value: Any) -> Any:
    match name, value:
        case "description", str():
            return cell(value)
        case "table", list():
            return [{column: _in_table(each) for column, each in row.items()} for row in value]
        case _:
            return value


def _in_table(value: Any) -> Any:
    return cell(value) if isinstance(value, str) else value
