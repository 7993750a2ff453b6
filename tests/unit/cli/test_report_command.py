"""`fermata report`: the newest page, or that of the run that is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.wiring import storage
from fermata.cli.main import run
from tests.flows.running import forget_wiring

OLD = "reports/20261127T023000Z-4402ecfa-124a-4558-ad60-8504a7f69a57.html"
NEW = "reports/20261128T023000Z-beef0000-124a-4558-ad60-8504a7f69a57.html"


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path))
    forget_wiring()
    for page in (OLD, NEW):
        storage().write_atomically(page, b"<p>")
    yield
    forget_wiring()


@pytest.mark.parametrize(
    ("named", "page"),
    [([], NEW), (["4402ecfa"], OLD), (["4402ecfa-124a-4558-ad60-8504a7f69a57"], OLD)],
)
def test_a_report_is_found_by_the_beginning_of_its_run(
    named: list[str], page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", *named]) == 0
    assert capsys.readouterr().out == f"{storage().uri(page)}\n"


def test_a_run_without_a_report_is_told_with_the_folder_that_was_looked_through(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["report", "cafe"]) == 2
    told = capsys.readouterr().err
    assert f"no report of a run cafe in {storage().uri('reports')}" in told
    assert told.count("\n") == 1
