"""What a Prefect server says of itself and of those who run its deployments."""

import os
from collections.abc import Iterator
from typing import Any

import requests

from config.prefect_server import running_server
from fermata.errors import UsageError

_TIMEOUT_S = 5.0


def api_url() -> str | None:
    """The server that runs report to: the configured one, or the local one that answers."""
    configured = os.environ.get("PREFECT_API_URL")
    if configured:
        return configured.rstrip("/")
    server = running_server()
    return server.api_url if server else None


def prefect_health() -> Iterator[str]:
    """Lines on the server, its deployments, and the worker of each pool.

    Raises:
        UsageError: the configured server does not answer.
    """
    url = api_url()
    if url is None:
        yield "no local server runs; a run will start one"
        return
    yield f"{url} answers, version {_asked('GET', url, 'admin/version')}"
    yield from _deployments(url)
    yield from _pools(url)


def _deployments(url: str) -> Iterator[str]:
    ours = {"deployments": {"tags": {"all_": ["fermata"]}}}
    found = _asked("POST", url, "deployments/filter", ours)
    if not found:
        yield "no deployment yet: `make serve` registers and serves them"
        return
    waiting = [each["name"] for each in found if each["status"] != "READY"]
    yield f"{len(found)} deployments, {len(found) - len(waiting)} with somebody to run them"
    if waiting:
        yield (
            f"nobody runs {', '.join(sorted(waiting))}: start `make serve`, or a worker of the pool"
        )


def _pools(url: str) -> Iterator[str]:
    for pool in _asked("POST", url, "work_pools/filter", {}):
        state = str(pool.get("status") or "unknown").lower().replace("_", " ")
        hint = "" if state == "ready" else ": start `prefect worker start --pool " + pool["name"]
        yield f"work pool {pool['name']}: {state}{hint + '`' if hint else ''}"


def _asked(method: str, url: str, path: str, body: dict[str, Any] | None = None) -> Any:
    try:
        answer = requests.request(method, f"{url}/{path}", json=body, timeout=_TIMEOUT_S)
        answer.raise_for_status()
    except requests.RequestException as error:
        reason = type(error).__name__
        raise UsageError(
            f"{url} does not answer ({reason}): check PREFECT_API_URL, or start the server"
        ) from None
    return answer.json()
