"""The REST side of Gladia's live API: sessions are begun, listed, looked at and deleted."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from fermata.localserver.bodies import bounded_body
from fermata.localserver.fault_injection import answer_with
from fermata.localserver.faults import AnswerStatus, Place, RequestEffect
from fermata.localserver.gladia.book import GladiaBook, LiveSession
from fermata.localserver.gladia.messages import now
from fermata.localserver.gladia.request import REGIONS, LiveRequest
from fermata.localserver.gladia.socket import GladiaSocket
from fermata.localserver.service import RefusedError, Service, check_key
from fermata.localserver.streaming.clock import Clock

JsonObject = dict[str, Any]

LONGEST_PAGE = 100
DEFAULT_PAGE = 20

API_VERSION = 2

TOO_MANY = "Too many concurrent sessions: stop one of them, or wait until it ends"

_Act = Callable[[Request, bytes], Awaitable[Response]]
_Answer = Callable[[Request], Awaitable[Response]]


class _GladiaError(Exception):
    """A request that is answered with an error, in Gladia's shape."""

    def __init__(self, status: int, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = problems


def routes(service: Service) -> list[BaseRoute]:
    """The routes of Gladia's live API."""
    book = service.gladia

    async def init(request: Request, body: bytes) -> Response:
        return await _init(service, book, request, body)

    async def listing(request: Request, _body: bytes) -> Response:
        return _list(book, request)

    async def get(request: Request, _body: bytes) -> Response:
        return JSONResponse(_shown(_found(book, request)))

    async def delete(request: Request, _body: bytes) -> Response:
        return _delete(book, request)

    socket = GladiaSocket(service, book, Clock(service.config.streaming.clock_speed))
    return [
        WebSocketRoute("/v2/live", socket),
        Route("/v2/live", _guarded(service, init), methods=["POST"]),
        Route("/v2/live", _guarded(service, listing), methods=["GET"]),
        Route("/v2/live/{id}", _guarded(service, get), methods=["GET"]),
        Route("/v2/live/{id}", _guarded(service, delete), methods=["DELETE"]),
    ]


def _guarded(service: Service, act: _Act) -> _Answer:
    """Answers behind a key, and puts errors into Gladia's shape."""

    async def answer(request: Request) -> Response:
        body = await bounded_body(request)
        try:
            _check_key(service, request)
            return await act(request, body)
        except _GladiaError as error:
            return _error(request, error)

    return answer


def _check_key(service: Service, request: Request) -> None:
    """Lets a key in, or not."""
    try:
        check_key(service.config, request.headers.get("x-gladia-key", ""))
    except RefusedError as error:
        raise _GladiaError(401, "gladia key not found") from error


async def _init(service: Service, book: GladiaBook, request: Request, body: bytes) -> Response:
    """Begins a session, unless something is wrong with it or goes wrong."""
    service.store.requests[Place.GLADIA_INIT] += 1
    effect = service.faults.take(Place.GLADIA_INIT, None)
    if isinstance(effect, AnswerStatus):
        raise _GladiaError(effect.status, effect.text)
    _check_region(request)
    wanted = _read(body)
    most = service.config.streaming.max_gladia_sessions
    if most is not None and book.unfinished >= most:
        raise _GladiaError(429, TOO_MANY)

    async def act() -> Response:
        session = book.add(wanted)
        base = str(request.base_url).rstrip("/").replace("http", "ws", 1)
        url = f"{base}/v2/live?token={session.token}"
        begun = {"id": session.session_id, "created_at": session.created, "url": url}
        return JSONResponse(begun, 201)

    if isinstance(effect, RequestEffect):
        return await answer_with(effect, act, service.stopping)
    return await act()


def _check_region(request: Request) -> None:
    """Lets the known regions pass, or none at all."""
    region = request.query_params.get("region")
    if region is not None and region not in REGIONS:
        problem = f"region: must be one of the following values: {', '.join(REGIONS)}"
        raise _GladiaError(400, "Invalid parameter(s)", (problem,))


def _read(body: bytes) -> LiveRequest:
    """Checks what is asked for."""
    try:
        wanted = LiveRequest.model_validate_json(body or b"{}")
    except ValidationError as error:
        problems = tuple(
            f"{'.'.join(str(part) for part in problem['loc']) or 'body'}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        )
        raise _GladiaError(400, "Invalid parameter(s)", problems) from error
    if wanted.contradiction:
        raise _GladiaError(422, wanted.contradiction)
    return wanted


def _list(book: GladiaBook, request: Request) -> Response:
    """Lists sessions, newest first."""
    query = request.query_params
    try:
        offset = max(0, int(query.get("offset", "0")))
        limit = min(max(1, int(query.get("limit", str(DEFAULT_PAGE)))), LONGEST_PAGE)
    except ValueError as error:
        raise _GladiaError(400, "offset and limit must be numbers") from error
    statuses = query.getlist("status")
    matching = [
        session
        for session in reversed(book.sessions.values())
        if not statuses or session.status in statuses
    ]

    def page(start: int) -> str:
        return str(request.url.include_query_params(offset=start, limit=limit))

    end = offset + limit
    return JSONResponse(
        {
            "first": page(0),
            "current": page(offset),
            "next": page(end) if end < len(matching) else None,
            "items": [_shown(session) for session in matching[offset:end]],
        }
    )


def _delete(book: GladiaBook, request: Request) -> Response:
    """Forgets a session that is over."""
    session = _found(book, request)
    if session.connected:
        raise _GladiaError(403, "The live job is not in a deletable state")
    del book.sessions[session.session_id]
    return Response(status_code=202)


def _found(book: GladiaBook, request: Request) -> LiveSession:
    """The session that the path names."""
    session = book.sessions.get(request.path_params["id"])
    if session is None:
        raise _GladiaError(404, "Not found")
    return session


def _shown(session: LiveSession) -> JsonObject:
    """A session as it stands."""
    shown: JsonObject = {
        "id": session.session_id,
        "request_id": _request_id(session.session_id),
        "version": API_VERSION,
        "status": session.status,
        "created_at": session.created,
        "completed_at": session.talk.completed if session.talk else None,
        "kind": "live",
        "file": None,
        "request_params": session.request.model_dump(
            mode="json", exclude={"custom_metadata"}, exclude_none=True
        ),
        "result": None,
        "error_code": None,
        "post_session_metadata": {},
    }
    if session.request.custom_metadata is not None:
        shown["custom_metadata"] = session.request.custom_metadata
    if session.talk is not None and session.talk.completed is not None:
        shown["result"] = {**session.talk.result(), "messages": session.talk.sent}
    return shown


def _error(request: Request, error: _GladiaError) -> Response:
    """An error in Gladia's shape."""
    body: JsonObject = {
        "timestamp": now(),
        "path": request.url.path,
        "request_id": _request_id(uuid4().hex),
        "statusCode": error.status,
        "message": error.message,
    }
    if error.problems:
        body["validation_errors"] = list(error.problems)
    return JSONResponse(body, error.status)


def _request_id(identity: str) -> str:
    """What Gladia calls the id of a request."""
    return f"G-{identity[:8]}"
