"""Which requests get a report: those of a person who logged in, by the report's own name.

Reports quote and play what callers said. They are reached over loopback, where every page that a
browser shows and every user of the machine can ask: hence the checks of where a request comes
from (other names for this machine, pages of other origins) before the login, and a policy that
lets a page load nothing and be framed by nobody.
"""

import base64
import binascii
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fermata.runs.pages import FOLDER, is_page_name
from fermata.storage import NotStoredError, Storage, StorageError

_logger = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What each answer carries."""

_LOGIN_ASKED = {"WWW-Authenticate": 'Basic realm="Fermata reports", charset="UTF-8"'}
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ReportPages:
    """The ASGI application.

    Attributes:
        storage: the data folder.
        login: `user:password`, as the Prefect server asks for it.
        hosts: the names under which it is asked, each with its port.
    """

    storage: Storage
    login: str = field(repr=False)
    hosts: Collection[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        response = await run_in_threadpool(self.answer, Request(scope))
        await response(scope, receive, send)

    def answer(self, request: Request) -> Response:
        """The report, or why there is none for this request."""
        if request.headers.get("host", "") not in self.hosts:
            return _told(HTTPStatus.MISDIRECTED_REQUEST, "ask for this machine as 127.0.0.1")
        if self._is_foreign(request):
            return _told(HTTPStatus.FORBIDDEN, "pages of other origins are not answered")
        if request.method not in {"GET", "HEAD"}:
            return _told(HTTPStatus.METHOD_NOT_ALLOWED, "reports can be read only")
        if not self._is_logged_in(request):
            return _told(
                HTTPStatus.UNAUTHORIZED,
                "log in as in the Prefect UI: the user is what stands before the colon there, "
                "the password what follows it",
                _LOGIN_ASKED,
            )
        return self._page(str(request.scope["path"]))

    def _is_foreign(self, request: Request) -> bool:
        """Whether another page asks; a link that a person follows is none."""
        origin = request.headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            return True
        is_own = request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
        is_followed = request.headers.get("sec-fetch-dest", "document") == "document"
        return not (is_own or is_followed)

    def _is_logged_in(self, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        right = secrets.compare_digest(given, self.login.encode())
        return scheme.lower() == "basic" and right

    def _page(self, path: str) -> Response:
        folder, _, name = path.removeprefix("/").partition("/")
        if folder != FOLDER or not is_page_name(name) or self._leads_elsewhere(name):
            return _told(HTTPStatus.NOT_FOUND, "there is no such report")
        try:
            content = self.storage.read(f"{FOLDER}/{name}")
        except NotStoredError:
            return _told(HTTPStatus.NOT_FOUND, "this report is not kept any more")
        except StorageError as error:
            _logger.warning("a report was asked for: %s", error)
            return _told(HTTPStatus.SERVICE_UNAVAILABLE, "the data folder cannot be read now")
        return Response(content, headers=HEADERS, media_type=_HTML)

    def _leads_elsewhere(self, name: str) -> bool:
        return self.storage.is_local and Path(self.storage.path(f"{FOLDER}/{name}")).is_symlink()


def _told(status: HTTPStatus, why: str, headers: dict[str, str] | None = None) -> Response:
    return Response(f"{why}\n", status, {**HEADERS, **(headers or {})}, _TEXT)
