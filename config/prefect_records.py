"""What Prefect's database holds of calls, found and deleted through its API.

Nothing depends on these records: the ledger and the tables are the truth.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from config.prefect_reached import reached_api
from fermata.errors import FermataError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

TRANSCRIPT_KEY = "session-transcript"
"""The artifacts that hold what was said in a live session."""


class RecordsError(FermataError):
    """Prefect's records could not be read or deleted."""


def expired_transcripts(days: int | None, now: datetime) -> tuple[str, ...]:
    """The transcripts of live sessions that Prefect shows and are older than that, by their ids.

    Raises:
        RecordsError: the server cannot be asked.
    """
    if days is None:
        return ()
    with reaching() as client:
        if client is None:
            return ()
        return tuple(_transcripts_until(client, now - timedelta(days=days)))


def delete_artifact(artifact_id: str) -> None:
    """Deletes an artifact; one that is gone is as good as deleted.

    Raises:
        RecordsError: the server cannot be asked.
    """
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415 - see reaching

    with reaching() as client, contextlib.suppress(ObjectNotFound):
        if client is not None:
            client.delete_artifact(UUID(artifact_id))


@contextlib.contextmanager
def reaching() -> Iterator["SyncPrefectClient | None"]:
    """A client of the server that runs report to; None where none is configured or runs here.

    Raises:
        RecordsError: the server does not answer, or refuses.
    """
    # Prefect takes 2 s to import.
    from httpx import HTTPError  # noqa: PLC0415

    api = reached_api()
    if api is None:
        yield None
        return
    try:
        with api.client() as client:
            yield client
    except HTTPError as error:
        raise RecordsError(
            f"Prefect's records are left: its server does not answer ({type(error).__name__}); "
            "check PREFECT_API_URL, or start the server, and run `fermata tidy`"
        ) from error


def _transcripts_until(client: "SyncPrefectClient", moment: datetime) -> Iterator[str]:
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey  # noqa: PLC0415
    from prefect.client.schemas.sorting import ArtifactSort  # noqa: PLC0415

    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[TRANSCRIPT_KEY]))
    at = 0
    while page := client.read_artifacts(
        artifact_filter=wanted, sort=ArtifactSort.ID_DESC, offset=at
    ):
        yield from (str(each.id) for each in page if each.created and each.created < moment)
        at += len(page)
