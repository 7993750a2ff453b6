"""What a close code, an `Error` message or an HTTP status of the service means.

The service takes every connection and then says what is wrong in an `Error` message, followed
by a close frame with the same code. Codes alone do not decide: two of its own pages give
different ones for too many sessions, and 3006 and 3007 each stand for several things. So the
text is looked at first.
"""

from fermata.live.errors import (
    AuthenticationError,
    BadMessageError,
    BadParameterError,
    BalanceError,
    DroppedError,
    EndedEarlyError,
    FrameLengthError,
    InactivityError,
    MessageTooLongError,
    PacingError,
    RefusedError,
    ServerError,
    SessionError,
    SessionExpiredError,
    TooManySessionsError,
)
from fermata.quoting import quoted

_ADVICE: dict[type[SessionError], str] = {
    AuthenticationError: "the key or token is refused: check ASSEMBLYAI_API_KEY",
    BalanceError: "no credit for this session: check the account's balance and plan",
    BadParameterError: "the service refuses a parameter: correct it",
    BadMessageError: "the service does not understand what was sent: please report it",
    FrameLengthError: "a message must hold 50 to 1,000 ms of audio: check the sample rate",
    MessageTooLongError: "a message may hold 128 KB at most: check the sample rate",
    PacingError: "audio went out faster than real time: check the sample rate",
    SessionExpiredError: "the session reached its longest duration",
    InactivityError: "the service got no audio for too long: check the source",
    ServerError: "the service had an error of its own",
    TooManySessionsError: "too many sessions: wait a minute, and end those left open",
    RefusedError: "the service ended the session for a reason of its own",
    DroppedError: "the connection was lost: check the network",
    EndedEarlyError: "the service ended the session by itself",
}

# Looked for in this order, in lower case.
_TEXTS: tuple[tuple[str, type[SessionError]], ...] = (
    ("too many concurrent sessions", TooManySessionsError),
    ("exceeded the number of allowed streams", TooManySessionsError),
    ("due to inactivity", InactivityError),
    ("session idle", InactivityError),
    ("session expired", SessionExpiredError),
    ("maximum session duration", SessionExpiredError),
    ("input duration", FrameLengthError),
    ("transmission rate", PacingError),
    ("faster than real", PacingError),
    ("balance", BalanceError),
    ("insufficient funds", BalanceError),
    ("paid-only", BalanceError),
    ("disabled", BalanceError),
    ("invalid message", BadMessageError),
    ("invalid json", BadMessageError),
    ("user input validation", BadParameterError),
    ("unauthorized", AuthenticationError),
    ("not authorized", AuthenticationError),
)

_CODES: dict[int, type[SessionError]] = {
    1000: EndedEarlyError,
    1001: ServerError,
    1006: DroppedError,
    1008: AuthenticationError,
    1009: MessageTooLongError,
    1011: ServerError,
    1012: ServerError,
    1013: ServerError,
    1014: ServerError,
    3005: ServerError,
    3006: BadParameterError,
    3007: PacingError,
    3008: SessionExpiredError,
    3009: TooManySessionsError,
    # Those of the retired v2, which the official SDKs still list.
    4000: BadParameterError,
    4001: AuthenticationError,
    4002: BalanceError,
    4003: BalanceError,
    4008: SessionExpiredError,
    4029: PacingError,
    4031: InactivityError,
    4032: FrameLengthError,
    4033: FrameLengthError,
    4034: FrameLengthError,
    4100: BadMessageError,
    4101: BadMessageError,
    4102: TooManySessionsError,
}

_STATUSES: dict[int, type[SessionError]] = {
    401: AuthenticationError,
    402: BalanceError,
    403: AuthenticationError,
    429: TooManySessionsError,
}
_FIRST_SERVER_ERROR = 500


def classify(code: int, text: str) -> SessionError:
    """The error that a close code, or an `Error` message with it, stands for.

    Args:
        code: The close code.
        text: The `Error` message's text, or the reason of the close frame.
    """
    lowered = text.lower()
    by_text = (kind for part, kind in _TEXTS if part in lowered)
    kind = next(by_text, _CODES.get(code, RefusedError))
    return _error(kind, code, text)


def classify_status(status: int, body: str) -> SessionError:
    """The error that an HTTP answer instead of the upgrade stands for."""
    if status >= _FIRST_SERVER_ERROR:
        return _error(ServerError, status, "")
    kind = _STATUSES.get(status)
    if kind is None:
        return RefusedError(
            f"there is no streaming service at this address (HTTP {status}): check it", code=status
        )
    too_many = "too many concurrent sessions" in body.lower()
    return _error(TooManySessionsError if too_many else kind, status, "")


def _error(kind: type[SessionError], code: int, text: str) -> SessionError:
    said = quoted(text)
    return kind(f"{_ADVICE[kind]} ({code}{f': {said}' if said else ''})", code=code)
