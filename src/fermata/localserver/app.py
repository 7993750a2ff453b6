"""The ASGI application: the API's routes, and two of the server's own."""

import asyncio
import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fermata.localserver import rest
from fermata.localserver.config import LocalServerConfig
from fermata.localserver.contents import Contents
from fermata.localserver.engine.cache import Listener
from fermata.localserver.engine.pool import EnginePool
from fermata.localserver.faults import FaultPlan
from fermata.localserver.folder import PassingFolder
from fermata.localserver.gateway import rest as gateway
from fermata.localserver.gladia import rest as gladia
from fermata.localserver.gladia.book import GladiaBook
from fermata.localserver.jobs import SERVER_ERROR, Jobs
from fermata.localserver.references import References
from fermata.localserver.service import RefusedError, Service
from fermata.localserver.store import Store
from fermata.localserver.streaming import routes as streaming
from fermata.localserver.streaming.hearing import Hearings

FOLDER_PREFIX = "fermata-local-server-"

_logger = logging.getLogger(__name__)


def make_service(
    config: LocalServerConfig, store: Store, faults: FaultPlan, references: References
) -> Service:
    """Everything behind the routes; close it, and no job, process or file of it is left."""
    folder = PassingFolder(FOLDER_PREFIX)
    contents = Contents(folder.path)
    pool = EnginePool(config.engine_processes)
    jobs = Jobs(config, store, contents, references, Listener(pool))
    hearings = Hearings(pool, folder.path, references)
    live = GladiaBook(hearings, store.streams)
    return Service(config, store, contents, jobs, hearings, live, faults, asyncio.Event(), folder)


def make_app(service: Service) -> Starlette:
    """The application that answers for `service`."""

    async def state(_request: Request) -> Response:
        return JSONResponse(service.store.state())

    return Starlette(
        routes=[
            *rest.routes(service),
            *streaming.routes(service),
            *gateway.routes(service),
            *gladia.routes(service),
            Route("/healthz", _health, methods=["GET"]),
            Route("/_fermata/state", state, methods=["GET"]),
        ],
        exception_handlers={
            RefusedError: _refused,
            HTTPException: _no_route,
            Exception: _stumbled,
        },
    )


async def _health(_request: Request) -> Response:
    """The server is up."""
    return JSONResponse({"status": "ok"})


async def _refused(_request: Request, error: Exception) -> Response:
    """An error of the API, in its words."""
    assert isinstance(error, RefusedError)
    return JSONResponse({"error": error.text}, error.status)


async def _no_route(_request: Request, error: Exception) -> Response:
    """An unknown path or method."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def _stumbled(request: Request, error: Exception) -> Response:
    """A defect of this server."""
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse({"error": SERVER_ERROR}, 500)
