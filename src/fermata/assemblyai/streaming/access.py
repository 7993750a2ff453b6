"""Where sessions are opened and with what right: the address, the key, temporary tokens.

A key goes into a header and nowhere else, and never in the clear to another machine. A token
goes into the address, as the service wants it, so it is good for one connection only.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, Field, ValidationError

from fermata.assemblyai.address import checked_base_url, checked_key, is_loopback
from fermata.assemblyai.errors import ServiceUnavailableError
from fermata.assemblyai.transport import Timeouts, Transport
from fermata.errors import UsageError
from fermata.redact import remember_secret

LONGEST_SESSION_S = 10_800
"""Three hours, after which the service ends any session."""

_SHORTEST_SESSION_S = 60
_LONGEST_WAIT_S = 600
_TOKEN_ANSWER_S = 10.0


class Access(Protocol):
    """What a connection is opened with."""

    def headers(self) -> dict[str, str]:
        """The headers of the upgrade."""
        ...

    def query(self) -> dict[str, str]:
        """What is added to the address."""
        ...


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """The account's key, in the header."""

    api_key: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """The raw key: the service refuses a `Bearer` here.

        Raises:
            UsageError: The key is empty, or can't stand in a header.
        """
        return {"Authorization": checked_key(self.api_key)}

    def query(self) -> dict[str, str]:
        """Nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """A fresh temporary token for each connection.

    Attributes:
        fetch: Gives one, such as `lambda: fetch_token(...)`.
    """

    fetch: Callable[[], str] = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Nothing."""
        return {}

    def query(self) -> dict[str, str]:
        """The token."""
        return {"token": self.fetch()}


class _Token(BaseModel):
    token: str = Field(min_length=1)


def fetch_token(
    base_url: str,
    api_key: str,
    *,
    expires_in_s: int = 60,
    max_session_duration_s: int = LONGEST_SESSION_S,
    allow_insecure_hosts: Collection[str] = (),
) -> str:
    """Gets a token with which a session can be opened without the key.

    Args:
        base_url: The streaming service's http(s) address, see `token_base_url`.
        api_key: The account's key; sent in the header.
        expires_in_s: How long it may be used to connect, 1 to 600 seconds.
        max_session_duration_s: The longest session it opens, 60 to 10,800 seconds.
        allow_insecure_hosts: Hosts other than loopback that the key may be sent to over http.

    Raises:
        UsageError: A number is out of range, or the key would go out in the clear.
        ServiceError: The service gives none.
    """
    _check("expires_in_s", expires_in_s, 1, _LONGEST_WAIT_S)
    _check("max_session_duration_s", max_session_duration_s, _SHORTEST_SESSION_S, LONGEST_SESSION_S)
    query = {
        "expires_in_seconds": str(expires_in_s),
        "max_session_duration_seconds": str(max_session_duration_s),
    }
    timeout_s = (Timeouts().connect_s, _TOKEN_ANSWER_S)
    address = checked_base_url(base_url, allow_insecure_hosts)
    with Transport(address, checked_key(api_key)) as transport:
        response = transport.get("/v3/token", timeout_s, query)
    try:
        token = _Token.model_validate_json(response.content).token
    except ValidationError as error:
        raise ServiceUnavailableError(
            "the streaming service answered without a token: try again later"
        ) from error
    remember_secret(token)
    return token


def checked_streaming_url(url: str, allow_insecure_hosts: Collection[str] = ()) -> str:
    """Returns the address of the socket, if a key may be sent to it.

    Args:
        url: Such as `wss://streaming.assemblyai.com/v3/ws`.
        allow_insecure_hosts: Hosts other than loopback that a key may be sent to over ws.

    Raises:
        UsageError: It is no ws(s) address, holds more than an address, or would send a key in
            the clear to another machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise UsageError(
            "the streaming address must be like wss://streaming.assemblyai.com/v3/ws: correct it"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            f"the streaming address of {parts.hostname} must hold no user, password or query: "
            "take them out"
        )
    allowed = {name.lower() for name in allow_insecure_hosts}
    if parts.scheme == "ws" and not is_loopback(parts.hostname) and parts.hostname not in allowed:
        raise UsageError(
            f"a key would go to {parts.hostname} unencrypted: use wss, or allow this host by name"
        )
    return url.rstrip("/")


def token_base_url(streaming_url: str) -> str:
    """The http(s) address on the host of a ws(s) one.

    >>> token_base_url("wss://streaming.assemblyai.com/v3/ws")
    'https://streaming.assemblyai.com'
    """
    parts = urlsplit(streaming_url)
    return urlunsplit(("https" if parts.scheme == "wss" else "http", parts.netloc, "", "", ""))


def with_query(url: str, query: str, extra: dict[str, str]) -> str:
    """Puts the whole address together."""
    return f"{url}?{query}&{urlencode(extra)}" if extra else f"{url}?{query}"


def _check(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UsageError(f"{name} must be {least} to {most}, not {value}")
