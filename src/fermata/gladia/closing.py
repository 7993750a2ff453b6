"""What it means that Gladia closed a connection or refused to open one."""

from http import HTTPStatus

from fermata.live.errors import (
    AuthenticationError,
    BalanceError,
    DroppedError,
    EndedEarlyError,
    MessageTooLongError,
    RefusedError,
    ServerError,
    SessionError,
    TooManySessionsError,
)
from fermata.live.wire import Closed
from fermata.quoting import quoted

NORMAL_CLOSURE = 1000
_WITHOUT_A_REASON = frozenset({1001, 1005, 1006})
_TOO_LONG = 1009
# Gladia's own codes for "no": its clients reconnect after every other code but 1000.
_REFUSALS = range(4400, 4500)


def still_stands_after(code: int) -> bool:
    """Whether the session still stands, and waits for another connection at its address."""
    return code not in {NORMAL_CLOSURE, _TOO_LONG} and code not in _REFUSALS


def close_error(closed: Closed) -> SessionError:
    """What went wrong, for a close that nobody asked for."""
    code, said = closed.code, f" {quoted(closed.reason)}" if closed.reason else ""
    if code == NORMAL_CLOSURE:
        return EndedEarlyError("Gladia ended the session before it was told to", code=code)
    if code == _TOO_LONG:
        return MessageTooLongError(
            f"a message was too long for Gladia ({code}{said}): send less audio at once", code=code
        )
    if code in _REFUSALS:
        return RefusedError(
            f"Gladia refuses the session ({code}{said}): it has ended, or its address is not valid",
            code=code,
        )
    if code in _WITHOUT_A_REASON:
        return DroppedError(
            f"the connection to Gladia is lost ({code}{said}): check the network", code=code
        )
    return ServerError(f"Gladia failed ({code}{said}): try again later", code=code)


def upgrade_error(status: int, _body: str) -> SessionError:
    """What went wrong when an HTTP answer came in place of the WebSocket.

    The body is left out: what stands between might show the address in it.
    """
    said = f"Gladia answered {status} when the session's socket was to be opened"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return AuthenticationError(f"{said}: the session's token is not valid", code=status)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return BalanceError(f"no credit: {said}, the account is to be paid first", code=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TooManySessionsError(f"{said}: end other sessions first", code=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError(f"{said}: try again later", code=status)
    return RefusedError(f"{said}: check the address", code=status)
