"""One request to a service whose errors are told apart elsewhere."""

from collections.abc import Mapping
from typing import Any

import requests
from requests.auth import AuthBase

from fermata.assemblyai.classification import classify_exception
from fermata.assemblyai.transport import Timeouts
from fermata.proxies import open_session


class KeyHeader(AuthBase):
    """Sends a key in a header, and keeps requests from putting a .netrc's in its place."""

    def __init__(self, header: str, api_key: str) -> None:
        """Sends `api_key` as it is in the header of that name."""
        self._header = header
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Adds the header."""
        request.headers[self._header] = self._api_key
        return request


def post_json(
    url: str,
    body: Mapping[str, object],
    *,
    auth: AuthBase,
    timeouts: Timeouts,
    query: Mapping[str, str] | None = None,
) -> requests.Response:
    """Sends one POST and reads its whole answer, whatever its status is.

    Redirects are never followed, so the key goes nowhere else.

    Raises:
        ConnectionFailedError: No whole answer came.
        UsageError: The proxy that is set can't be used.
    """
    return _asked("POST", url, auth, timeouts, json=body, params=query)


def delete(url: str, *, auth: AuthBase, timeouts: Timeouts) -> requests.Response:
    """Sends one DELETE and reads its whole answer, whatever its status is.

    Redirects are never followed, so the key goes nowhere else.

    Raises:
        ConnectionFailedError: No whole answer came.
    """
    return _asked("DELETE", url, auth, timeouts)


def _asked(
    method: str, url: str, auth: AuthBase, timeouts: Timeouts, **content: Any
) -> requests.Response:
    with open_session(url) as session:
        # The only request on this connection: otherwise whoever keeps the answer keeps it open.
        session.headers["Connection"] = "close"
        try:
            return session.request(
                method,
                url,
                auth=auth,
                timeout=(timeouts.connect_s, timeouts.answer_s),
                allow_redirects=False,
                **content,
            )
        except requests.RequestException as error:
            raise classify_exception(error, url) from error
