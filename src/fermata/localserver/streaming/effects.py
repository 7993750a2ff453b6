"""What can be made to go wrong in a session, and how it is written on a command line.

Moments are seconds of audio received, never of the clock, so that a fault strikes at the same
word however fast the audio comes.
"""

from collections.abc import Callable
from dataclasses import dataclass

MALFORMED_JSON = '{"type":"Turn","transcript":"half a mess'
UNKNOWN_MESSAGE = '{"type":"Surprise","fruit":"quince"}'
A_WARNING = '{"type":"Warning","warning_code":1,"warning":"This warning was asked for"}'

LONGEST_STALL_S = 10.0


@dataclass(frozen=True, slots=True)
class CloseSession:
    """The session is closed with a code, after an Error frame where there is a text."""

    code: int
    text: str | None = None
    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DropSession:
    """The TCP connection is reset, without a close frame."""

    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StallSession:
    """The server neither reads nor writes any more; then the TCP connection is reset.

    That lasts until the client is seen to be gone, but no longer than `for_s` seconds of the
    clock: with the pipe full of audio, the end of a client can't come through.
    """

    at_s: float = 0.0
    for_s: float = LONGEST_STALL_S


@dataclass(frozen=True, slots=True)
class Withhold:
    """The message that is due at that place is never sent."""


@dataclass(frozen=True, slots=True)
class SendText:
    """A frame that no client expects is sent; the session goes on."""

    text: str
    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SendBytes:
    """A binary message is sent, though all messages are text; the session goes on."""

    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FallSilent:
    """The server takes audio and answers pings, and says nothing any more, whatever is asked."""

    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SlowDown:
    """From then on, each message of audio takes so much longer; all of it is worked on."""

    by_s: float
    at_s: float = 0.0


SessionEffect = (
    CloseSession
    | DropSession
    | StallSession
    | Withhold
    | SendText
    | SendBytes
    | FallSilent
    | SlowDown
)

_TEXTS = {"malformed": MALFORMED_JSON, "unknown": UNKNOWN_MESSAGE, "warning": A_WARNING}
SOME_BYTES = bytes(range(128, 160))

Fields = dict[str, str]


def _close(value: str, fields: Fields) -> SessionEffect:
    """`close=3005,text=Session Cancelled: An error occurred,at_s=2`."""
    return CloseSession(int(value), fields.pop("text", None), _moment(fields))


def _connection(value: str, fields: Fields) -> SessionEffect:
    """`connection=drop|silent,at_s=2` or `connection=stall,at_s=2,for_s=10`."""
    match value:
        case "drop":
            return DropSession(_moment(fields))
        case "stall":
            return StallSession(_moment(fields), float(fields.pop("for_s", LONGEST_STALL_S)))
        case "silent":
            return FallSilent(_moment(fields))
        case _:
            raise ValueError(f"{value!r} befalls no connection: it is drop, stall or silent")


def _message(value: str, fields: Fields) -> SessionEffect:
    """`message=none`, or `message=binary|malformed|unknown|warning,at_s=2`."""
    if value == "none":
        return Withhold()
    if value == "binary":
        return SendBytes(_moment(fields))
    if value not in _TEXTS:
        raise ValueError(f"{value!r} is no message: it is none, binary, {', '.join(_TEXTS)}")
    return SendText(_TEXTS[value], _moment(fields))


def _slow(value: str, fields: Fields) -> SessionEffect:
    """`slow_ms=100,at_s=2`."""
    return SlowDown(float(value) / 1000, _moment(fields))


def _moment(fields: Fields) -> float:
    """After how many seconds of audio."""
    return float(fields.pop("at_s", "0"))


KINDS: dict[str, Callable[[str, Fields], SessionEffect]] = {
    "close": _close,
    "connection": _connection,
    "message": _message,
    "slow_ms": _slow,
}
"""How each kind is read, for `fermata.localserver.fault_parser`."""
