"""What each command that starts a flow does first: a Prefect server that answers."""

import os
from collections.abc import Sequence

from rich.console import Console

from config.prefect_client import Connection
from config.settings import settings
from config.wiring import ledger
from fermata.recordings import Candidate
from fermata.runs.reading_ahead import read_ahead

# A server that goes away amid the run is tried for some 6 s each time, by Prefect's own settings
# for a minute; what it is not told is in the tables.
_IF_IT_GOES_AWAY = {"PREFECT_CLIENT_MAX_RETRIES": "2"}
_COMING_UP = "Bringing up the Prefect server (about 15 s the first time) …"


def bring_up_prefect(terminal: Console, recordings: Sequence[Candidate] = ()) -> str:
    """Makes sure that a Prefect server answers, and says where; returns the UI's address.

    Args:
        terminal: where it says so.
        recordings: what the flow will read; as much of it as the wait for a server allows is
            read here already.

    Raises:
        UsageError: the local server did not start.
    """
    os.environ |= {name: os.environ.get(name, value) for name, value in _IF_IT_GOES_AWAY.items()}
    connection = Connection(settings().prefect_port)
    if connection.is_waited_for:
        terminal.print(_COMING_UP)
        _read_meanwhile(terminal, recordings, connection)
    connection.ready()
    told = f" ({connection.how_to_log_in})" if connection.how_to_log_in else ""
    terminal.print(f"Prefect UI: {connection.ui_url}{told}")
    return connection.ui_url


def _read_meanwhile(
    terminal: Console, recordings: Sequence[Candidate], connection: Connection
) -> None:
    if not recordings:
        return
    read = 0
    with terminal.status(_told(read, recordings)) as status:
        for read in read_ahead(recordings, ledger(), lambda: not connection.is_waited_for):
            status.update(_told(read, recordings))
    terminal.print(f"{_told(read, recordings)}.")


def _told(read: int, recordings: Sequence[Candidate]) -> str:
    return f"Read {read:,} of {len(recordings):,} recordings meanwhile"
