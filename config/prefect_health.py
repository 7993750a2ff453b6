"""What a Prefect server says of itself and of those who run its deployments."""

import http
from collections.abc import Iterator
from typing import Any

import requests
from requests.auth import AuthBase

from config.prefect_login import ASKS_NOBODY, CLIENT_VARIABLE
from config.prefect_reached import PrefectApi, reached_api
from config.prefect_server import check_server_folder, running_server
from fermata.errors import UsageError
from fermata.proxies import open_session

_TIMEOUT_S = 10.0


def api_url() -> str | None:
    """The server that runs report to: the configured one, or the local one that answers."""
    api = reached_api()
    return api.url if api else None


def prefect_health() -> Iterator[str]:
    """Lines on the server, its deployments, and the worker of each pool.

    Raises:
        UsageError: the configured server does not answer.
    """
    api = reached_api()
    if api is None:
        check_server_folder()
        yield "no local server runs; a run will start one"
        return
    yield f"{api.url} answers, version {_asked('GET', api, 'admin/version')}"
    if not api.headers and running_server():
        yield ASKS_NOBODY
    yield from _deployments(api)
    yield from _pools(api)


class _Opened(AuthBase):
    """Sends what opens the server, and nothing that a `.netrc` has for its host."""

    def __init__(self, api: PrefectApi) -> None:
        self._headers = api.headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


def check_api(api: PrefectApi) -> None:
    """Makes sure that a Prefect server answers.

    Raises:
        UsageError: nothing does, something else does, or it asks for a login.
    """
    _asked("GET", api, "health")


def _deployments(api: PrefectApi) -> Iterator[str]:
    ours = {"deployments": {"tags": {"all_": ["fermata"]}}}
    found = _asked("POST", api, "deployments/filter", ours)
    if not found:
        yield "no deployment yet: `make serve` registers and serves them"
        return
    waiting = [each["name"] for each in found if each["status"] != "READY"]
    yield f"{len(found)} deployments, {len(found) - len(waiting)} with somebody to run them"
    if waiting:
        yield (
            f"nobody runs {', '.join(sorted(waiting))}: start `make serve`, or a worker of the pool"
        )


def _pools(api: PrefectApi) -> Iterator[str]:
    for pool in _asked("POST", api, "work_pools/filter", {}):
        state = str(pool.get("status") or "unknown").lower().replace("_", " ")
        hint = "" if state == "ready" else ": start `prefect worker start --pool " + pool["name"]
        yield f"work pool {pool['name']}: {state}{hint + '`' if hint else ''}"


def _asked(method: str, api: PrefectApi, path: str, body: dict[str, Any] | None = None) -> Any:
    try:
        with open_session(api.url) as session:
            answer = session.request(
                method, f"{api.url}/{path}", json=body, auth=_Opened(api), timeout=_TIMEOUT_S
            )
        if answer.status_code == http.HTTPStatus.UNAUTHORIZED:
            raise UsageError(f"{api.url} asks for a login: set {CLIENT_VARIABLE}=user:password")
        answer.raise_for_status()
        return answer.json()
    except (requests.HTTPError, requests.JSONDecodeError):
        raise UsageError(
            f"what answers at {api.url} is no Prefect server's API ({answer.status_code}): correct "
            "PREFECT_API_URL, which ends in /api (of Prefect Cloud, in the workspace's id)"
        ) from None
    except requests.RequestException as error:
        reason = type(error).__name__
        raise UsageError(
            f"{api.url} does not answer ({reason}): check PREFECT_API_URL, or start the server"
        ) from None
