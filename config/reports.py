"""Where a person who looks at a run in the Prefect UI opens its report."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.settings import settings
from config.wiring import storage

if TYPE_CHECKING:
    from pydantic import SecretStr

URL_VARIABLE = "FERMATA_REPORTS_URL"

_SHORT_ID = 8


def report_link(path: str) -> str | None:
    """The address of a report for a browser; None where nothing is known to serve it.

    Args:
        path: of the report, below the data folder.
    """
    served_at = settings().reports_url
    return f"{served_at}/{path}" if served_at else None


def how_to_open(path: str, run_id: str) -> str:
    """In markdown: how a person who looks at a run opens its report.

    Args:
        path: of the report, below the data folder.
        run_id: whose it is.
    """
    link = report_link(path)
    if link is None:
        return _as_file(path, run_id)
    return (
        f"[Open the report]({link}). The browser asks for the login of this UI: the user is what "
        "stands before the colon, the password what follows it. The page is there as long as "
        f"`make serve` runs. {_as_file(path, run_id)}"
    )


def _as_file(path: str, run_id: str) -> str:
    command = f"`fermata report --open {run_id[:_SHORT_ID]}`"
    if storage().is_local:
        return (
            f"It is the file `{storage().uri(path)}` on the machine `{platform.node()}`; {command} "
            "opens it there."
        )
    return (
        f"It is `{storage().uri(path)}`; {command} opens it wherever `FERMATA_DATA_DIR` names "
        "that data folder."
    )


@contextmanager
def serving_reports() -> Iterator[str]:
    """Serves the reports of the data folder on loopback, and lets the runs of this process know.

    Needs a process that is connected to the Prefect server: it is the login of that server that
    is asked for. Without one nothing is served.

    Yields:
        What to tell the person who started this, in a line.

    Raises:
        UsageError: no port is free.
    """
    if elsewhere := settings().reports_url:
        yield f"Reports are opened at {elsewhere} ({URL_VARIABLE})"
        return
    login = _login_of_prefect()
    if login is None:
        yield (
            "Reports are not served, as the Prefect server asks for no login; "
            "`fermata report --open` opens them"
        )
        return
    # With uvicorn, which only this needs.
    from fermata.reportserver import ReportServer  # noqa: PLC0415

    with ReportServer(storage(), login.get_secret_value(), settings().reports_port) as server:
        # Runs are processes of their own, which take over this environment.
        os.environ[URL_VARIABLE] = server.url
        yield f"Reports of runs are opened from the UI, at {server.url}, with the same login"


def _login_of_prefect() -> "SecretStr | None":
    # Prefect reads the environment as it is imported.
    from prefect.settings import get_current_settings  # noqa: PLC0415

    return get_current_settings().api.auth_string
