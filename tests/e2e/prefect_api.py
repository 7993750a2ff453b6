"""Asks a Prefect server for runs and looks at them, over HTTP as its UI does."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3 import Retry

TIMEOUT_S = 200
LOOK_EVERY_S = 0.1
_NEVER = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2999-01-01T00:00:00Z"}}
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

T = TypeVar("T")


class PrefectApi:
    """A Prefect server, by the address of its API.

    Attributes:
        api_url: the address.
        login: what the server asks for; without it, that of the environment.
    """

    def __init__(self, api_url: str, login: Callable[[], str] | None = None) -> None:
        self.api_url = api_url
        self.login = login or (lambda: os.environ["PREFECT_API_AUTH_STRING"])

    def is_healthy(self) -> bool | None:
        try:
            return requests.get(f"{self.api_url}/health", timeout=5).ok or None
        except requests.RequestException:
            return None

    def get(self, path: str) -> Any:
        return self._answer("GET", path, None)

    def post(self, path: str, **body: Any) -> Any:
        return self._answer("POST", path, body)

    def deployment(self, name: str) -> dict[str, Any]:
        return dict(self.get(f"deployments/name/{name}/{name}"))

    def start(self, name: str, **parameters: Any) -> str:
        """Starts a run as the UI's button does; returns its id."""
        deployment = self.deployment(name)["id"]
        run = self.post(f"deployments/{deployment}/create_flow_run", parameters=parameters)
        return str(run["id"])

    def miss(self, name: str, nights: int) -> list[str]:
        """Schedules the runs of nights that are past, which nobody was there for."""
        deployment, now = self.deployment(name)["id"], datetime.now(UTC)
        # A day more, as one in which clocks change may lack its night.
        since = now - timedelta(days=nights + 1)
        span = {"start_time": since.isoformat(), "end_time": now.isoformat()}
        self.post(f"deployments/{deployment}/schedule", **span, max_runs=nights)
        due = {"expected_start_time": {"before_": now.isoformat()}}
        of_deployment = {"deployment_id": {"any_": [deployment]}}
        found = self.post("flow_runs/filter", flow_runs=due | of_deployment)
        runs = [str(run["id"]) for run in found if run["auto_scheduled"]]
        assert len(runs) == nights
        return runs

    def hold_the_turn(self, name: str) -> str:
        """Takes the turn of a deployment that runs one at a time, as a worker that begins does."""
        deployment = self.deployment(name)["id"]
        run_id = str(self.post(f"deployments/{deployment}/create_flow_run", state=_NEVER)["id"])
        self.set_state(run_id, "PENDING")
        return run_id

    def set_state(self, run_id: str, state: str) -> None:
        """Moves a run to a state, and sees to it that it came there."""
        told = self.post(f"flow_runs/{run_id}/set_state", state={"type": state})
        assert (told["status"], told["state"]["type"]) == ("ACCEPT", state)

    def cancel(self, run_id: str) -> None:
        """Does what Cancel in the UI does."""
        state = {"type": "CANCELLING", "name": "Cancelling"}
        self.post(f"flow_runs/{run_id}/set_state", state=state)

    def state(self, run_id: str) -> dict[str, Any]:
        return dict(self.get(f"flow_runs/{run_id}")["state"])

    def wait_for(self, *run_ids: str) -> list[dict[str, Any]]:
        """The states of runs, once all have ended."""

        def ended() -> list[dict[str, Any]] | None:
            states = [self.state(run_id) for run_id in run_ids]
            return states if all(state["type"] in FINAL for state in states) else None

        return eventually(ended)

    def artifacts(self, run_id: str) -> dict[str, Any]:
        """The artifacts of a run by their keys."""
        found = self.post("artifacts/filter", artifacts={"flow_run_id": {"any_": [run_id]}})
        return {artifact["key"]: artifact for artifact in found}

    def _answer(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        # On SQLite a busy server answers 503 to whoever comes second, as Prefect's clients know.
        again = Retry(total=5, backoff_factor=0.5, status_forcelist=[503], allowed_methods=None)
        with requests.Session() as http:
            http.mount("http://", HTTPAdapter(max_retries=again))
            http.auth = HTTPBasicAuth(*self.login().split(":", 1))
            response = http.request(method, f"{self.api_url}/{path}", json=body, timeout=30)
        assert response.ok, response.text
        return response.json()


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` finds, once it finds something."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while (found := look()) is None:
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(LOOK_EVERY_S)
    return found
