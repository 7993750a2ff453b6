"""Opens a live session at Gladia: one POST, and the address of its WebSocket in return.

That address holds the session's only credential, so it is kept as a secret all the way.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from fermata.assemblyai.address import checked_base_url, is_loopback
from fermata.assemblyai.classification import classify, invalid_answer
from fermata.assemblyai.errors import (
    AuthenticationError,
    NoCreditError,
    RateLimitedError,
    RequestRejectedError,
    ServiceError,
)
from fermata.assemblyai.posting import KeyHeader, delete, post_json
from fermata.assemblyai.retry import RetryPolicy, is_transient, with_retries
from fermata.assemblyai.transport import Timeouts
from fermata.errors import UsageError
from fermata.gladia.parameters import LiveRequest, Region
from fermata.quoting import quoted
from fermata.redact import remember_address, remember_secret

DEFAULT_TIMEOUTS = Timeouts(connect_s=10.0, answer_s=15.0)
DEFAULT_RETRY = RetryPolicy(attempts=4, total_s=30.0, wait_max_s=5.0, retry_after_max_s=15.0)
"""Somebody waits in front of a microphone, so patience is short."""

_PATH = "/v2/live"


@dataclass(frozen=True, slots=True)
class LiveSession:
    """An opened session.

    Attributes:
        session_id: Gladia's id of it, safe to show.
        url: the WebSocket's address with the token that opens it.
    """

    session_id: str
    url: SecretStr


class _InitAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    id: str
    url: SecretStr


class GladiaClient:
    """Opens and deletes sessions at Gladia or at any server that speaks its language."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        region: Region | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        retry: RetryPolicy = DEFAULT_RETRY,
        allow_insecure_hosts: Collection[str] = (),
        stop: threading.Event | None = None,
    ) -> None:
        """Checks address and key; nothing is sent yet.

        Args:
            base_url: Such as `https://api.gladia.io`.
            api_key: Gladia's key.
            region: Where sessions are processed; None leaves it to Gladia.
            timeouts: How long the service may keep silent.
            retry: How patiently opening is repeated; a session without audio costs nothing.
            allow_insecure_hosts: Hosts other than loopback that may be spoken to unencrypted.
            stop: Ends all waiting when set.

        Raises:
            UsageError: The address or the key can't be used.
        """
        self._base_url = checked_base_url(base_url, allow_insecure_hosts)
        self._auth = KeyHeader("x-gladia-key", _checked_key(api_key))
        self._query = {"region": region.value} if region else None
        self._timeouts = timeouts
        self._retry = retry
        self._insecure_hosts = frozenset(host.lower() for host in allow_insecure_hosts)
        self._stop = stop or threading.Event()

    def open(self, request: LiveRequest) -> LiveSession:
        """Opens a session.

        Raises:
            ServiceError: Gladia refused it, or stayed out of reach.
            StoppedError: The run was stopped.
        """
        body = request.body()
        return with_retries(lambda: self._send(body), self._retry, self._stop, is_transient)

    def delete(self, session_id: str) -> None:
        """Deletes a session at Gladia, with its words and its audio, for good.

        One that Gladia no longer knows is as good as deleted.

        Raises:
            ServiceError: Gladia refused it, or stayed out of reach.
            StoppedError: The run was stopped.
        """
        with_retries(lambda: self._delete(session_id), self._retry, self._stop, is_transient)

    def _delete(self, session_id: str) -> None:
        url = f"{self._base_url}{_PATH}/{quote(session_id, safe='')}"
        response = delete(url, auth=self._auth, timeouts=self._timeouts)
        if response.status_code == HTTPStatus.NOT_FOUND:
            return
        if response.status_code == HTTPStatus.FORBIDDEN:
            text = _text(response)
            raise RequestRejectedError(
                f"{urlsplit(url).netloc} does not delete session {session_id} now: {text}",
                status=response.status_code,
                service_text=text,
            )
        if error := classify_init(response):
            raise error

    def _send(self, body: Mapping[str, Any]) -> LiveSession:
        url = f"{self._base_url}{_PATH}"
        response = post_json(url, body, auth=self._auth, timeouts=self._timeouts, query=self._query)
        if error := classify_init(response):
            raise error
        try:
            answer = _InitAnswer.model_validate_json(response.content)
        except ValidationError:
            raise invalid_answer(self._base_url) from None
        self._check_address(answer.url)
        remember_address(answer.url.get_secret_value())
        return LiveSession(answer.id, answer.url)

    def _check_address(self, url: SecretStr) -> None:
        parts = urlsplit(url.get_secret_value())
        host = parts.hostname or ""
        secure = parts.scheme == "wss" or is_loopback(host) or host in self._insecure_hosts
        if parts.scheme not in {"ws", "wss"} or not host or not secure:
            raise UsageError(
                f"the session's audio would go to {host or 'no host'} unencrypted: "
                "allow this host by name, or use another address"
            )


def classify_init(response: requests.Response) -> ServiceError | None:
    """Returns what went wrong by the answer's status; None for a 2xx.

    Statuses and bodies: Gladia's OpenAPI document (400, 401, 422) and its support article on
    the limit of concurrent sessions (429).
    """
    error = classify(response)
    host, text = urlsplit(response.url).netloc, _text(response)
    if isinstance(error, AuthenticationError) or response.status_code == HTTPStatus.FORBIDDEN:
        return AuthenticationError(
            f"{host} does not accept the key ({text}): check that GLADIA_API_KEY is set, whole, "
            "and meant for this address"
        )
    if isinstance(error, NoCreditError):
        return NoCreditError(f"no credit: {host} wants the account to be paid first ({text})")
    if isinstance(error, RateLimitedError):
        return RateLimitedError(
            f"{host} has too many sessions of this account ({text}): end others first (a free "
            "account holds 1 at a time, a paid one 30)",
            retry_after_s=error.retry_after_s,
        )
    if isinstance(error, RequestRejectedError):
        return RequestRejectedError(
            f"{host} rejects the session's parameters ({error.status}): {text}",
            status=error.status,
            service_text=text,
        )
    return error


def _text(response: requests.Response) -> str:
    """The service's own words in one line, with what it found wrong in detail."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, Mapping):
        return quoted(response.reason or "no text")
    details = body.get("validation_errors")
    found = [str(body.get("message", response.reason))]
    found += [str(each) for each in details] if isinstance(details, list) else []
    return quoted("; ".join(found))


def _checked_key(api_key: str) -> str:
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("GLADIA_API_KEY is empty or holds spaces or odd characters: set it anew")
    remember_secret(key)
    return key
