"""A Prefect server on this machine that was started by Fermata, as whoever comes by sees it."""

import http
import http.client
import json
from typing import Any

from pydantic import BaseModel, Field, SecretStr

from config.prefect_login import basic_authorization
from config.prefect_spawning import HOST

_TIMEOUT_S = 2.0
_UNDER_WAY = ("RUNNING", "PENDING", "CANCELLING")


class RunningServer(BaseModel):
    """A server that was started here: what `server.json` in its folder holds."""

    # A signal to process 0 or 1 would reach others.
    pid: int = Field(gt=1)
    port: int = Field(ge=1, le=65_535)

    @property
    def ui_url(self) -> str:
        """Where a person looks."""
        return f"http://{HOST}:{self.port}"

    @property
    def api_url(self) -> str:
        """Where a client reports to."""
        return f"{self.ui_url}/api"

    def answers(self) -> bool:
        """Whether the server is up and healthy."""
        return self._asked("health")[0] == http.HTTPStatus.OK

    def asks_nobody(self) -> bool:
        """Whether it answers to those without a login."""
        return self._asked("admin/version")[0] == http.HTTPStatus.OK

    def refuses(self, login: SecretStr) -> bool:
        """Whether it says that a login is wrong; one that says nothing in time does not."""
        return self._asked("admin/version", login=login)[0] == http.HTTPStatus.UNAUTHORIZED

    def is_in_use(self) -> bool:
        """Whether runs are under way or somebody serves deployments, told to anybody."""
        under_way = {"flow_runs": {"state": {"type": {"any_": _UNDER_WAY}}}}
        runs = self._asked("flow_runs/count", under_way)
        served = self._asked("deployments/filter", {})
        if {runs[0], served[0]} != {http.HTTPStatus.OK}:
            return True
        return bool(runs[1]) or any(each["status"] == "READY" for each in served[1])

    def _asked(
        self, path: str, body: dict[str, Any] | None = None, login: SecretStr | None = None
    ) -> tuple[int | None, Any]:
        """The status and content of its answer; no status where none came."""
        opened = basic_authorization(login) if login else {}
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_TIMEOUT_S)
        try:
            connection.request(
                "GET" if body is None else "POST",
                f"/api/{path}",
                body=None if body is None else json.dumps(body),
                headers={"Content-Type": "application/json", **opened},
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None, None
        finally:
            connection.close()
