"""What a page open in a browser, or another user of the machine, can ask of a Prefect server.

A page from anywhere may send simple requests and open WebSockets without being let in first;
whatever else it sends, and all that it reads, needs a preflight or an answer that names its origin.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import requests
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

TIMEOUT_S = 60
OTHER_PORT = "http://127.0.0.1:8080"
ORIGINS = (OTHER_PORT, "http://localhost:8080", "https://evil.example", "null")
"""Of a page on another loopback port, on the web, and of a file opened from disk."""

WEBSOCKETS = (
    *("events/in", "events/out", "logs/out", "task_runs/subscriptions/scheduled"),
    "work_pools/any/workers/connect",
)
_WRONG = {"Authorization": "Basic ZmVybWF0YTpndWVzc2Vk"}
_SHELL = {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "id"}}]}


@dataclass(frozen=True)
class Attack:
    """One server, asked by those who know no login.

    Attributes:
        ui_url: its address.
    """

    ui_url: str

    def successes(self) -> list[str]:
        """What was not refused; nothing, if all is well."""
        found = []
        for origin in ORIGINS:
            found += [f"{origin}: {what}" for what in self._by_page(origin)]
        found += [f"rebound: {what}" for what in self._simple({"Host": "evil.example"})]
        found += [f"wrong login: {what}" for what in self._simple(_WRONG)]
        return found + list(self._by_websocket())

    def _by_page(self, origin: str) -> Iterator[str]:
        yield from self._simple({"Origin": origin})
        for method in ("PATCH", "POST", "PUT", "DELETE", "GET"):
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization,content-type",
            }
            answer = self._sent("OPTIONS", f"deployments/{uuid4()}", asked)
            if answer.ok or is_let_in(answer):
                yield f"preflight of {method}"

    def _simple(self, headers: dict[str, str]) -> Iterator[str]:
        """Requests that a browser sends without asking first, and some that it would not."""
        as_text = headers | {"Content-Type": "text/plain"}
        secrets = '{"include_secrets": true}'
        for method, path, body in (
            ("POST", "block_documents/filter", secrets),
            ("POST", "deployments/filter", "{}"),
            ("POST", f"deployments/{uuid4()}/create_flow_run", "{}"),
            ("GET", "admin/settings", None),
            # Asked for the login before it is looked what there is: so is every route.
            ("GET", "nothing", None),
            ("DELETE", "nothing", None),
            ("GET", "block_types/slug/secret/block_documents?include_secrets=true", None),
        ):
            answer = self._sent(method, path, as_text, body)
            if answer.status_code != requests.codes.unauthorized or is_let_in(answer):
                yield f"{method} {path}: {answer.status_code}"
        address = f"{self.ui_url}/api/deployments/{uuid4()}"
        changed = requests.patch(address, json=_SHELL, headers=headers, timeout=TIMEOUT_S)
        if changed.status_code != requests.codes.unauthorized or is_let_in(changed):
            yield f"PATCH deployments: {changed.status_code}"

    def _sent(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> requests.Response:
        return requests.request(
            method, f"{self.ui_url}/api/{path}", headers=headers, data=body, timeout=TIMEOUT_S
        )

    def _by_websocket(self) -> Iterator[str]:
        for path in WEBSOCKETS:
            for said in (None, '{"type": "auth"}', '{"type": "auth", "token": "fermata:guessed"}'):
                if self._is_listened_to(path, said):
                    yield f"{path} after {said}"

    def _is_listened_to(self, path: str, said: str | None) -> bool:
        """Whether a WebSocket gets any word from the server: first it must say who it is."""
        url = f"{self.ui_url.replace('http', 'ws')}/api/{path}"
        protocol = {} if said is None else {"subprotocols": ["prefect"]}
        try:
            with connect(url, origin=OTHER_PORT, open_timeout=TIMEOUT_S, **protocol) as socket:  # type: ignore[arg-type]
                if said is not None:
                    socket.send(said)
                socket.recv(timeout=TIMEOUT_S)
        except (ConnectionClosed, InvalidHandshake):
            return False
        return True


def is_let_in(answer: requests.Response) -> bool:
    """Whether a browser shows this answer to the page that asked, or lets it go on."""
    return "Access-Control-Allow-Origin" in answer.headers
