"""Connects this process to a Prefect server before any flow is imported."""

import os
from collections.abc import Callable

from config.prefect_server import ensure_local_server, tuned_environment

# Prefect's own console lines would tear the progress display; they reach the UI all the same.
_QUIET_CONSOLE = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


def connect(preferred_port: int, before_start: Callable[[], None]) -> str:
    """Makes sure that a Prefect server answers and that this process reports to it.

    Args:
        preferred_port: for a local server, where none is configured.
        before_start: called if a local server has to be started, which can take 15 s.

    Returns:
        The address of the Prefect UI.

    Raises:
        UsageError: the local server did not start.
    """
    for name, value in {**tuned_environment(), **_QUIET_CONSOLE}.items():
        os.environ.setdefault(name, value)
    configured = _configured_api_url()
    if configured:
        return configured.removesuffix("/api")
    server = ensure_local_server(preferred_port, before_start)
    os.environ["PREFECT_API_URL"] = server.api_url
    _refresh_prefect_settings()
    return server.ui_url


def _configured_api_url() -> str | None:
    # Prefect takes 2 s to import and reads the environment as it does: hence here, and late.
    from prefect.settings import get_current_settings  # noqa: PLC0415

    return get_current_settings().api.url


def _refresh_prefect_settings() -> None:
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415

    refresh_global_settings_context()
