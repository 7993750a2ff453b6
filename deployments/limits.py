"""The limits shared by all workers, kept in the Prefect server as the settings say."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.shared_limits import SharedLimit, shared_limits

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


def register_limits(client: "SyncPrefectClient") -> Iterator[str]:
    """Creates, updates or removes each shared limit; yields a line for each that is in force."""
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    for limit in shared_limits():
        if limit.per_minute is None:
            with contextlib.suppress(ObjectNotFound):
                client.delete_global_concurrency_limit_by_name(limit.name)
        else:
            _keep(client, limit)
            yield f"{limit.name}: at most {limit.per_minute} a minute, by all workers together"


def _keep(client: "SyncPrefectClient", limit: SharedLimit) -> None:
    client.upsert_global_concurrency_limit_by_name(
        limit.name, limit.burst, slot_decay_per_second=limit.per_second
    )
