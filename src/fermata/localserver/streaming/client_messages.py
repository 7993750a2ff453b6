"""What a client may say as text, and the service's words where it may not."""

from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from fermata.localserver.streaming.parameters import Changeable, read_change
from fermata.localserver.streaming.refusal import RefusalError

_INPUT = 3006


@dataclass(frozen=True, slots=True)
class Terminate:
    """The session shall end."""


@dataclass(frozen=True, slots=True)
class ForceEndpoint:
    """The turn shall end now."""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """The client is still there."""


@dataclass(frozen=True, slots=True)
class Update:
    """Some settings shall change."""

    change: Changeable


ClientMessage = Terminate | ForceEndpoint | KeepAlive | Update

_PLAIN: dict[str, ClientMessage] = {
    "Terminate": Terminate(),
    "ForceEndpoint": ForceEndpoint(),
    "KeepAlive": KeepAlive(),
}


def read_message(text: str) -> ClientMessage:
    """Understands one text message.

    Raises:
        RefusalError: 3006, in the service's words.
    """
    message = _json(text)
    if not isinstance(message, dict):
        raise RefusalError(_INPUT, f"Invalid Message: {text.strip()}")
    kind = message.get("type")
    if kind == "UpdateConfiguration":
        return Update(read_change(message))
    if not isinstance(kind, str) or kind not in _PLAIN:
        raise RefusalError(_INPUT, f"Invalid Message Type: {kind}")
    return _PLAIN[kind]


def _json(text: str) -> Any:
    """What a text says."""
    try:
        return from_json(text)
    except ValueError as error:
        raise RefusalError(_INPUT, f"User Input Validation Error: Invalid JSON: {error}") from error
