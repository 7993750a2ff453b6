"""What each command that starts a flow does first: a Prefect server that answers."""

from rich.console import Console

from config.prefect_client import connect
from config.settings import settings


def bring_up_prefect(terminal: Console) -> str:
    """Makes sure that a Prefect server answers, and says where; returns the UI's address.

    Raises:
        UsageError: the local server did not start.
    """
    ui_url = connect(
        settings().prefect_port,
        lambda: terminal.print("Bringing up the Prefect server (about 15 s the first time) …"),
    )
    terminal.print(f"Prefect UI: {ui_url}")
    return ui_url
