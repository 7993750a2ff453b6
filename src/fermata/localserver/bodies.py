"""Reads the bodies of requests that are JSON: into memory whole, and so only up to a bound."""

from starlette.requests import Request

from fermata.localserver.service import RefusedError

MOST_JSON_BYTES = 1_000_000
"""In a body, or a message of a live session; Python takes a hundred times as much."""

_TOO_LARGE = f"Request body is larger than {MOST_JSON_BYTES:,} bytes"


async def bounded_body(request: Request) -> bytes:
    """The body of a request.

    What is too much is taken in and forgotten: a peer that still writes would not see the answer.

    Raises:
        RefusedError: 413, it is larger than `MOST_JSON_BYTES`.
    """
    body = bytearray()
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received <= MOST_JSON_BYTES:
            body += chunk
    if received > MOST_JSON_BYTES:
        raise RefusedError(413, _TOO_LARGE)
    return bytes(body)
