"""Waiting until Prefect's server has written down the events that it has received.

It takes them in, and writes them in batches some seconds later. So events of a run, which repeat
what its artifacts say, could come after all else of it was deleted. The server writes them in the
order in which they came: once a mark that was sent last can be read back, all before it are there.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

MARK = "fermata.call.forgotten"
"""The event that marks the end of those to wait for; it says nothing of the call."""

_DEADLINE_S = 60.0
_LOOK_EVERY_S = 0.2


def wait_for_events(client: "SyncPrefectClient") -> bool:
    """Waits until all events that the server has received by now are written down.

    Returns:
        Whether they are; not if it takes more than a minute.
    """
    resource = f"fermata.mark.{uuid4()}"
    now = datetime.now(UTC)
    mark = {
        "id": str(uuid4()),
        "occurred": now.isoformat(),
        "event": MARK,
        "resource": {"prefect.resource.id": resource},
    }
    client.request("POST", "/events", json=[mark])
    day = timedelta(days=1)
    wanted = {
        "occurred": {"since": (now - day).isoformat(), "until": (now + day).isoformat()},
        "event": {"name": [MARK]},
        "resource": {"id": [resource]},
    }
    deadline_s = time.monotonic() + _DEADLINE_S
    while time.monotonic() < deadline_s:
        found = client.request("POST", "/events/filter", json={"filter": wanted, "limit": 1})
        if found.json()["events"]:
            return True
        time.sleep(_LOOK_EVERY_S)
    return False
