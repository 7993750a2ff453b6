"""The way from a run in the UI to its report: a link where it is served, else where the file is."""

import base64
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from prefect.settings import PREFECT_API_AUTH_STRING, temporary_settings

from config.reports import URL_VARIABLE, how_to_open, report_link, serving_reports
from config.wiring import storage
from tests.flows.running import forget_wiring

RUN = "4402ecfa-124a-4558-ad60-8504a7f69a57"
PATH = f"reports/20261128T162707Z-{RUN}.html"
LOGIN = "fermata:password"


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FERMATA_REPORTS_PORT", "0")
    # Unset again after the test, whatever sets it meanwhile.
    monkeypatch.setenv(URL_VARIABLE, "")
    forget_wiring()
    yield
    forget_wiring()


def test_where_nothing_serves_reports_a_run_says_which_file_it_is_where_and_how_it_opens() -> None:
    assert report_link(PATH) is None
    assert how_to_open(PATH, RUN) == (
        f"It is the file `{storage().uri(PATH)}` on the machine `{platform.node()}`; "
        "`fermata report --open 4402ecfa` opens it there."
    )


def test_a_report_in_remote_storage_opens_wherever_that_is_the_data_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FERMATA_DATA_DIR", "memory://calls")
    forget_wiring()
    assert how_to_open(PATH, RUN) == (
        f"It is `memory:///calls/{PATH}`; `fermata report --open 4402ecfa` opens it wherever "
        "`FERMATA_DATA_DIR` names that data folder."
    )


def test_runs_link_to_where_reports_are_served_with_the_login_of_the_prefect_server() -> None:
    storage().write_atomically(PATH, b"the report")
    with temporary_settings({PREFECT_API_AUTH_STRING: LOGIN}), serving_reports() as told:
        forget_wiring()
        link = report_link(PATH)
        assert link is not None
        assert link.removesuffix(f"/{PATH}") in told
        assert f"[Open the report]({link})" in how_to_open(PATH, RUN)
        encoded = base64.b64encode(LOGIN.encode()).decode()
        answer = requests.get(link, headers={"Authorization": f"Basic {encoded}"}, timeout=30)
        assert answer.text == "the report"
        assert LOGIN not in f"{link}{told}{how_to_open(PATH, RUN)}"


def test_nothing_is_served_where_the_prefect_server_asks_for_no_login() -> None:
    with temporary_settings(restore_defaults={PREFECT_API_AUTH_STRING}), serving_reports() as told:
        assert "asks for no login" in told
        assert "`fermata report --open`" in told
        assert not os.environ[URL_VARIABLE]


def test_reports_that_are_served_elsewhere_are_not_served_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(URL_VARIABLE, "https://reports.example/fermata/")
    forget_wiring()
    with temporary_settings({PREFECT_API_AUTH_STRING: LOGIN}), serving_reports() as told:
        assert "https://reports.example/fermata" in told
    assert report_link(PATH) == f"https://reports.example/fermata/{PATH}"
