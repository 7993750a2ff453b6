"""Who is let into a session: API keys, and temporary tokens with a limited life.

A token counts for as many sessions as begin while it lives, as measured on the service, whose
pages say one.
"""

from dataclasses import dataclass
from uuid import uuid4

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fermata.localserver.fault_injection import answer_with
from fermata.localserver.faults import Place, RequestEffect
from fermata.localserver.service import RefusedError, Service, check_key
from fermata.localserver.streaming.clock import Clock
from fermata.localserver.streaming.refusal import RefusalError

_UNAUTHORIZED = 1008
_MISSING = "Unauthorized Connection: Missing Authorization header"
_INVALID = "Unauthorized Connection: Invalid API key"
_EXPIRED = "Unauthorized Connection: Signature has expired"


@dataclass(frozen=True, slots=True)
class Token:
    """A temporary token."""

    expires_at_s: float
    max_session_s: int


class Tokens:
    """The tokens that a server has issued."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, Token] = {}

    def issue(self, expires_in_s: int, max_session_s: int) -> str:
        """Makes a token."""
        name = uuid4().hex
        self._tokens[name] = Token(self._clock.now_s() + expires_in_s, max_session_s)
        return name

    def find(self, name: str) -> Token | None:
        """The token of that name.

        Raises:
            RefusalError: 1008: it has expired.
        """
        token = self._tokens.get(name)
        if token is not None and token.expires_at_s < self._clock.now_s():
            raise RefusalError(_UNAUTHORIZED, _EXPIRED)
        return token


def admit(service: Service, tokens: Tokens, header: str | None, token: str | None) -> int:
    """Lets a session in and says how long it may last at most, in seconds.

    Args:
        service: Whose keys count.
        tokens: Which tokens count.
        header: The `Authorization` header; a raw key or a token, never a Bearer.
        token: The `token` of the query.

    Raises:
        RefusalError: 1008, in the service's words.
    """
    credential = token or header
    if not credential:
        raise RefusalError(_UNAUTHORIZED, _MISSING)
    longest_s = service.config.streaming.max_session_s
    if found := tokens.find(credential):
        return min(longest_s, found.max_session_s)
    try:
        check_key(service.config, "" if token or " " in credential else credential)
    except RefusedError as error:
        raise RefusalError(_UNAUTHORIZED, _INVALID) from error
    return longest_s


class _TokenQuery(BaseModel):
    """What a token is asked for with; named as the service's errors name it."""

    authorization: str
    expires_in_seconds: int = Field(ge=1, le=600)
    max_session_duration_seconds: int = Field(default=10_800, ge=60, le=10_800)


def token_routes(service: Service, tokens: Tokens) -> list[Route]:
    """GET /v3/token."""

    async def issue(request: Request) -> Response:
        service.store.requests[Place.TOKEN] += 1
        effect = service.faults.take(Place.TOKEN, None)
        if isinstance(effect, RequestEffect):
            return await answer_with(
                effect, lambda: _issue(service, tokens, request), service.stopping
            )
        return await _issue(service, tokens, request)

    return [Route("/v3/token", issue, methods=["GET"])]


async def _issue(service: Service, tokens: Tokens, request: Request) -> Response:
    """Issues a token; what is wrong with the request is a 422, as measured."""
    values: dict[str, str] = dict(request.query_params)
    values.pop("authorization", None)
    if header := request.headers.get("authorization"):
        values["authorization"] = header.removeprefix("Bearer ")
    try:
        query = _TokenQuery.model_validate(values)
    except ValidationError as error:
        return JSONResponse({"detail": _details(error)}, 422)
    check_key(service.config, query.authorization)
    name = tokens.issue(query.expires_in_seconds, query.max_session_duration_seconds)
    return JSONResponse({"token": name, "expires_in_seconds": query.expires_in_seconds})


def _details(error: ValidationError) -> list[dict[str, object]]:
    """What is wrong, and where, in FastAPI's shape."""
    return [
        {
            **problem,
            "loc": ["header" if problem["loc"][0] == "authorization" else "query", *problem["loc"]],
            "input": None if problem["type"] == "missing" else problem["input"],
        }
        for problem in error.errors(include_url=False)
    ]
