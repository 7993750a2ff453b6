"""The parts of one running server, as its routes see them."""

import asyncio
import hmac
from dataclasses import dataclass

from fermata.localserver.config import LocalServerConfig
from fermata.localserver.contents import Contents
from fermata.localserver.faults import FaultPlan
from fermata.localserver.folder import PassingFolder
from fermata.localserver.gladia.book import GladiaBook
from fermata.localserver.jobs import Jobs
from fermata.localserver.store import Store
from fermata.localserver.streaming.hearing import Hearings


@dataclass(frozen=True, slots=True)
class Service:
    """What a route needs to answer; `stopping` is set when the server is about to end."""

    config: LocalServerConfig
    store: Store
    contents: Contents
    jobs: Jobs
    hearings: Hearings
    gladia: GladiaBook
    faults: FaultPlan
    stopping: asyncio.Event
    folder: PassingFolder

    async def close(self) -> None:
        """Gives up all jobs and sessions, and removes all files; a second call does nothing."""
        await self.gladia.close()
        await self.hearings.close()
        await self.jobs.close()
        self.folder.remove()


class RefusedError(Exception):
    """A request that is answered with an error of the API."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def check_key(config: LocalServerConfig, key: str) -> None:
    """Lets a raw API key in, or not.

    Raises:
        RefusedError: 401, in the service's words.
    """
    known = config.api_keys or {key}
    matches = [hmac.compare_digest(key.encode(), one.encode()) for one in known]
    if not key or not any(matches):
        raise RefusedError(401, "Authentication error, API token missing/invalid")
