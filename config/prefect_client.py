"""Connects this process to a Prefect server before any flow is imported."""

import os
from collections.abc import Callable
from typing import cast

from config.certificates import check_certificates
from config.prefect_health import check_api
from config.prefect_login import ASKS_NOBODY, CLIENT_VARIABLE
from config.prefect_reached import PrefectApi, configured_api, local_at
from config.prefect_server import find_or_start, login_for, wait_until_it_answers
from config.proxies import check_proxies

# Prefect's own console lines would tear the progress display; they reach the UI all the same.
_QUIET_CONSOLE = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # Tracebacks of its background threads while the server is away.
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
}
_LOGIN_IS_SHOWN = "log in with what `fermata ui` shows"


def connect(preferred_port: int, before_start: Callable[[], None]) -> "Connection":
    """Makes sure that a Prefect server answers and that this process reports to it.

    Args:
        preferred_port: for a local server, where none is configured.
        before_start: called if a local server has to be waited for, which can take 15 s.

    Raises:
        UsageError: the local server did not start, or takes another login than the one kept.
    """
    connection = Connection(preferred_port)
    if connection.is_waited_for:
        before_start()
    connection.ready()
    return connection


class Connection:
    """The Prefect server that this process is to report to, up already or coming up."""

    def __init__(self, preferred_port: int) -> None:
        """Finds the server, or starts a local one without waiting for it.

        Args:
            preferred_port: for a local server, where none is configured.

        Raises:
            UsageError: proxies, certificates, Prefect's settings or its folder can't be used, or
                the local server takes another login than the one kept.
        """
        for name, value in _QUIET_CONSOLE.items():
            os.environ.setdefault(name, value)
        check_proxies()
        check_certificates()
        configured = configured_api()
        # Whoever names the local server himself need not hand out its login.
        self._configured = configured
        self._local = local_at(configured) if configured else find_or_start(preferred_port)
        address = self._local.api_url if self._local else str(configured and configured.url)
        self.ui_url = address.removesuffix("/api")
        self.how_to_log_in = ""
        """What a person is told beside the address; empty where the server is his own."""

    @property
    def is_waited_for(self) -> bool:
        """Whether a local server is still coming up."""
        return self._local is not None and not self._local.answers()

    def ready(self) -> None:
        """Waits for the server and has this process, and all that it starts, report to it.

        Raises:
            UsageError: the local server did not start, or takes another login than the one kept;
                or what is configured is no Prefect server that answers.
        """
        if self._local is None:
            check_api(cast("PrefectApi", self._configured))
            return
        wait_until_it_answers(self._local)
        login = login_for(self._local)
        self.how_to_log_in = _LOGIN_IS_SHOWN if login else ASKS_NOBODY
        os.environ["PREFECT_API_URL"] = self._local.api_url
        os.environ.pop(CLIENT_VARIABLE, None)
        if login:
            os.environ[CLIENT_VARIABLE] = login.get_secret_value()
        _refresh_prefect_settings()


def _refresh_prefect_settings() -> None:
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415

    refresh_global_settings_context()
