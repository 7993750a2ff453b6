"""A run that Prefect's server refuses, for its login, is told so and of no server that is away."""

from typing import Any, cast

import httpx
import pytest

from config.ending import Ending
from fermata.errors import UsageError


@pytest.mark.parametrize("status", [401, 403])
def test_another_login_is_asked_for_in_one_line(status: int) -> None:
    from flows.running import run_flow

    def refused(**_: object) -> None:
        answer = httpx.Response(status, request=httpx.Request("POST", "http://127.0.0.1/api"))
        answer.raise_for_status()

    with Ending(), pytest.raises(UsageError, match="set PREFECT_API_AUTH_STRING=user:password"):
        run_flow(cast("Any", refused))
