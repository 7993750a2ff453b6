"""A page open in a browser, and another user of the machine, get nothing from Prefect's server."""

import os
import subprocess
from pathlib import Path

import pytest
import requests

from config.prefect_login import LOGIN_FILE
from tests.open_page import OTHER_PORT, TIMEOUT_S, Attack, is_let_in


@pytest.fixture
def login() -> tuple[str, str]:
    user, password = os.environ["PREFECT_API_AUTH_STRING"].split(":")
    return user, password


def test_a_foreign_page_and_whoever_knows_no_login_are_refused(prefect_server: str) -> None:
    assert Attack(prefect_server).successes() == []


def test_even_with_the_login_a_foreign_page_reads_nothing(
    prefect_server: str, login: tuple[str, str]
) -> None:
    address = f"{prefect_server}/api/deployments/filter"
    answer = requests.post(
        address, json={}, auth=login, headers={"Origin": OTHER_PORT}, timeout=TIMEOUT_S
    )
    assert answer.ok
    assert not is_let_in(answer)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_ui_may_ask_by_either_name_of_this_machine(host: str, prefect_server: str) -> None:
    origin = prefect_server.replace("127.0.0.1", host)
    wanted = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    answer = requests.options(f"{prefect_server}/api/variables/", headers=wanted, timeout=TIMEOUT_S)
    assert answer.ok
    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.usefixtures("prefect_server")
def test_the_login_is_for_the_owner_alone_and_in_no_list_of_processes(
    login: tuple[str, str],
) -> None:
    file = Path(os.environ["PREFECT_HOME"]) / LOGIN_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() == ":".join(login)
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args"], capture_output=True, check=True)
    assert b"server start" in listed.stdout
    assert login[1].encode() not in listed.stdout
