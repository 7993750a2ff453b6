"""Sends one request to the service and turns everything but success into a `ServiceError`."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol, Self

import requests
from requests.auth import AuthBase

from fermata.assemblyai.classification import classify, classify_exception
from fermata.proxies import open_session

_IDLE_S = 4.0
"""A connection that was idle for longer is not used again: the shortest time after which servers
close one is 5 s, and a submission that meets the close would be in doubt."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long the service may keep silent, in seconds.

    Attributes:
        connect_s: Until a connection is made; a new connection's writes get as long.
        answer_s: Until an answer begins, and between two parts of it.
        upload_answer_s: The same for an upload, which the service stores before it answers.
    """

    connect_s: float = 10.0
    answer_s: float = 60.0
    upload_answer_s: float = 300.0


class Body(Protocol):
    """What is streamed as a request's body."""

    def __len__(self) -> int:
        """How many bytes there will be."""

    def read(self, size: int = -1) -> bytes:
        """Reads up to `size` bytes."""


class _KeyHeader(AuthBase):
    """Sends the key raw, as the service wants it, and keeps requests from reading a .netrc."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._api_key
        return request


class Transport:
    """Connections to one service; may be used from several threads at once.

    Every thread has a session of its own, because `requests` doesn't promise that one session
    bears several. Redirects are never followed, so the key goes nowhere else.
    """

    def __init__(self, base_url: str, api_key: str) -> None:
        self._base_url = base_url
        self._auth = _KeyHeader(api_key)
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            while self._sessions:
                self._sessions.pop().close()

    def get(
        self, path: str, timeout_s: tuple[float, float], query: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Sends a GET.

        Args:
            path: Below the service's address.
            timeout_s: To connect, and to wait for the answer.
            query: What follows the question mark.

        Raises:
            ServiceError: Anything but a 2xx came back.
            UsageError: The proxy that is set can't be used.
        """
        return self._send("GET", path, timeout_s, params=query)

    def delete(self, path: str, timeout_s: tuple[float, float]) -> requests.Response:
        """Sends a DELETE; otherwise like `get`."""
        return self._send("DELETE", path, timeout_s)

    def post_json(
        self, path: str, timeout_s: tuple[float, float], body: Mapping[str, object]
    ) -> requests.Response:
        """Sends a POST with a JSON body; otherwise like `get`."""
        return self._send("POST", path, timeout_s, json=body)

    def post_stream(
        self, path: str, timeout_s: tuple[float, float], body: Body
    ) -> requests.Response:
        """Sends a POST that streams `body`; otherwise like `get`."""
        headers = {"Content-Type": "application/octet-stream"}
        return self._send("POST", path, timeout_s, data=body, headers=headers)

    def _send(
        self, method: str, path: str, timeout_s: tuple[float, float], **parts: Any
    ) -> requests.Response:
        url = f"{self._base_url}{path}"
        try:
            response = self._session().request(
                method, url, timeout=timeout_s, allow_redirects=False, **parts
            )
        except requests.RequestException as error:
            raise classify_exception(error, url) from error
        if refusal := classify(response):
            raise refusal
        return response

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        used_s, self._local.used_s = getattr(self._local, "used_s", 0.0), monotonic()
        if session is not None and self._local.used_s - used_s > _IDLE_S:
            session.close()
        if session is None:
            session = self._local.session = open_session(self._base_url)
            session.auth = self._auth
            with self._lock:
                self._sessions.append(session)
        return session
