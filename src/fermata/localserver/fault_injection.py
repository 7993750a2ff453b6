"""Carries faults out on the wire, down to real resets of the TCP connection."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import cast

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from fermata.localserver.faults import (
    AnswerHtml,
    AnswerStatus,
    Cut,
    Moment,
    RequestEffect,
    ResetConnection,
    StallAnswer,
    TruncateAnswer,
)

Act = Callable[[], Awaitable[Response]]

_LINGER_NOT = struct.pack("ii", 1, 0)

_PAGE = (
    "<html><head><title>{status} Bad Gateway</title></head>"
    "<body><center><h1>{status} Bad Gateway</h1></center></body></html>"
)


async def answer_with(effect: RequestEffect, act: Act, stopping: asyncio.Event) -> Response:
    """Answers a request that something goes wrong with.

    Args:
        effect: What goes wrong.
        act: Acts on the request and makes the proper answer.
        stopping: Ends a stall early, for the server is about to end.
    """
    match effect:
        case AnswerStatus():
            return _status(effect)
        case AnswerHtml(status):
            return HTMLResponse(_PAGE.format(status=status), status)
        case ResetConnection(moment):
            if moment is Moment.AFTER:
                await act()
            return _Reset()
        case TruncateAnswer(cut):
            return _truncated(await act(), cut)
        case StallAnswer(seconds):
            return await _late(await act(), seconds, stopping)


def _status(effect: AnswerStatus) -> Response:
    """An HTTP status with the vendor's error body, and when to try again."""
    response = JSONResponse({"error": effect.text}, effect.status)
    if effect.retry_after_s is not None:
        response.headers["Retry-After"] = str(effect.retry_after_s)
    if effect.retry_after_date_s is not None:
        moment = datetime.now(UTC) + timedelta(seconds=effect.retry_after_date_s)
        response.headers["Retry-After"] = format_datetime(moment, usegmt=True)
    return response


async def _late(response: Response, seconds: float, stopping: asyncio.Event) -> Response:
    """The proper answer, after some time."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return response


def _truncated(response: Response, cut: Cut) -> Response:
    """Half of the proper answer."""
    half = bytes(response.body)[: len(response.body) // 2]
    if cut is Cut.JSON:
        return Response(half, response.status_code, media_type="application/json")
    return _BrokenOff(bytes(response.body), response.status_code, media_type="application/json")


class _Reset(Response):
    """No answer: the peer gets a TCP reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Resets the connection, and waits until the server has noticed."""
        await reset_connection(receive)


class _BrokenOff(Response):
    """An answer that announces its whole length and ends halfway."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends the head and half the body, and closes the connection."""
        body = bytes(self.body)
        start = {"status": self.status_code, "headers": self.raw_headers}
        half = {"body": body[: len(body) // 2], "more_body": True}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", **half})
        transport_of(receive).close()
        await _disconnected(receive)


async def reset_connection(receive: Receive) -> None:
    """Resets the TCP connection of a request, and waits until the server has noticed."""
    transport = transport_of(receive)
    connection = cast("socket.socket", transport.get_extra_info("socket"))
    # Without lingering, closing sends a reset; else it would be an orderly end.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()
    await _disconnected(receive)


def transport_of(receive: Receive) -> asyncio.Transport:
    """The TCP transport of a request; ASGI hides it, uvicorn's `receive` is bound beside it."""
    return cast("asyncio.Transport", receive.__self__.transport)  # type: ignore[attr-defined]


async def _disconnected(receive: Receive) -> None:
    """Waits until the connection is gone, so that no answer is missed."""
    while (await receive())["type"] not in {"http.disconnect", "websocket.disconnect"}:
        pass
