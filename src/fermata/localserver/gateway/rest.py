"""The endpoint of the LLM Gateway: POST /v1/chat/completions."""

import time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fermata.localserver.bodies import bounded_body
from fermata.localserver.fault_injection import answer_with
from fermata.localserver.faults import AnswerStatus, Place, RequestEffect
from fermata.localserver.gateway import shapes
from fermata.localserver.gateway.model import answer
from fermata.localserver.service import RefusedError, Service, check_key
from fermata.validation import first_problem

DEFAULT_RETRY_AFTER_S = 1


class _Message(BaseModel):
    """One message; its content is text, or parts of which some are."""

    model_config = ConfigDict(extra="allow")

    role: str
    content: str | list[dict[str, Any]] = ""

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(str(part.get("text", "")) for part in self.content)


class ChatRequest(BaseModel):
    """A question; what isn't named here is echoed and otherwise ignored."""

    model_config = ConfigDict(extra="allow")

    model: Annotated[str, Field(min_length=1)]
    messages: list[_Message] = []
    prompt: str | None = None
    max_tokens: Annotated[int, Field(ge=1)] = 1000

    @property
    def texts(self) -> list[str]:
        """What is said, oldest first."""
        return [self.prompt] if self.prompt else [message.text for message in self.messages]

    @property
    def echo(self) -> dict[str, Any]:
        """What the answer repeats of it."""
        return self.model_dump(exclude={"messages", "prompt"})


def routes(service: Service) -> list[Route]:
    """The routes of the gateway."""

    async def complete(request: Request) -> Response:
        return await _complete(service, request)

    return [Route("/v1/chat/completions", complete, methods=["POST"])]


def accessible(service: Service, model: str) -> bool:
    """Whether the account may ask that model."""
    models = service.config.streaming.gateway_models
    return not models or model in models


async def _complete(service: Service, request: Request) -> Response:
    """Answers a question, unless something is wrong with it or goes wrong."""
    started_ns = time.perf_counter_ns()
    service.store.requests[Place.GATEWAY] += 1
    body = await bounded_body(request)
    try:
        check_key(service.config, request.headers.get("authorization", "").removeprefix("Bearer "))
    except RefusedError as error:
        return JSONResponse(shapes.unauthorized(error.text), error.status)
    try:
        chat = ChatRequest.model_validate_json(body)
    except ValidationError as error:
        return _bad(shapes.INVALID_BODY, first_problem(error))
    effect = service.faults.take(Place.GATEWAY, None)
    if isinstance(effect, AnswerStatus):
        return _as_asked(effect, chat.model)
    if not accessible(service, chat.model):
        return _bad(shapes.INVALID_BODY, shapes.NO_ACCESS)

    async def act() -> Response:
        reply = answer(chat.texts, chat.max_tokens)
        return JSONResponse(shapes.completion(reply, chat.echo, started_ns))

    if isinstance(effect, RequestEffect):
        return await answer_with(effect, act, service.stopping)
    return await act()


def _bad(message: str, error: str) -> Response:
    """A 400."""
    return JSONResponse(shapes.refused(400, message, error), 400)


def _as_asked(effect: AnswerStatus, model: str) -> Response:
    """An error that was asked for, in the gateway's shapes."""
    match effect.status:
        case 401:
            return JSONResponse(shapes.unauthorized(effect.text), 401)
        case 429:
            seconds = effect.retry_after_s or DEFAULT_RETRY_AFTER_S
            body = shapes.refused(429, shapes.TOO_MANY)
            return JSONResponse(body, 429, headers=shapes.rate_headers(seconds, model))
        case status:
            return JSONResponse(shapes.refused(status, effect.text), status)
