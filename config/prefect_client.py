"""Connects this process to a Prefect server before any flow is imported."""

import os
from collections.abc import Callable

from config.prefect_server import (
    find_or_start,
    tuned_environment,
    wait_until_it_answers,
)

# Prefect's own console lines would tear the progress display; they reach the UI all the same.
_QUIET_CONSOLE = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # Tracebacks of its background threads while the server is away.
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
}


def connect(preferred_port: int, before_start: Callable[[], None]) -> str:
    """Makes sure that a Prefect server answers and that this process reports to it.

    Args:
        preferred_port: for a local server, where none is configured.
        before_start: called if a local server has to be waited for, which can take 15 s.

    Returns:
        The address of the Prefect UI.

    Raises:
        UsageError: the local server did not start.
    """
    connection = Connection(preferred_port)
    if connection.is_waited_for:
        before_start()
    return connection.ready()


class Connection:
    """The Prefect server that this process is to report to, up already or coming up."""

    def __init__(self, preferred_port: int) -> None:
        """Finds the server, or starts a local one without waiting for it.

        Args:
            preferred_port: for a local server, where none is configured.
        """
        for name, value in {**tuned_environment(), **_QUIET_CONSOLE}.items():
            os.environ.setdefault(name, value)
        self._configured = _configured_api_url()
        self._local = None if self._configured else find_or_start(preferred_port)

    @property
    def is_waited_for(self) -> bool:
        """Whether a local server is still coming up."""
        return self._local is not None and not self._local.answers()

    def ready(self) -> str:
        """Waits for the server and has this process report to it; returns the UI's address.

        Raises:
            UsageError: the local server did not start.
        """
        if self._configured:
            return self._configured.removesuffix("/api")
        assert self._local is not None
        wait_until_it_answers(self._local)
        os.environ["PREFECT_API_URL"] = self._local.api_url
        _refresh_prefect_settings()
        return self._local.ui_url


def _configured_api_url() -> str | None:
    # Prefect takes 2 s to import and reads the environment as it does: hence here, and late.
    from prefect.settings import get_current_settings  # noqa: PLC0415

    return get_current_settings().api.url


def _refresh_prefect_settings() -> None:
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415

    refresh_global_settings_context()
