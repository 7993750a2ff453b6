"""The catalogue of deployments: complete, found by name, scheduled as the settings say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from deployments.catalogue import RunsOn, catalogue, chosen, nightly_schedule
from deployments.serve import to_serve
from fermata.errors import UsageError
from tests.flows.running import forget_wiring
from tests.test_architecture import flow_names


@pytest.fixture(autouse=True)
def settings_read_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path))
    forget_wiring()
    yield
    forget_wiring()


def test_every_flow_has_a_deployment() -> None:
    assert sorted(each.entrypoint for each in catalogue()) == flow_names()


def test_live_sessions_are_never_left_to_a_worker() -> None:
    served = {each.name for each in catalogue() if each.runs_on is RunsOn.SERVING_PROCESS}
    assert served == {"stream", "calibrate-and-stream", "measure-punctuation"}


def test_deployments_are_chosen_by_name() -> None:
    assert [each.name for each in chosen(["stream", "nightly"])] == ["stream", "nightly"]
    assert chosen([]) == catalogue()
    with pytest.raises(UsageError, match="no deployment weekly; there are nightly, calibrate"):
        chosen(["weekly"])


def test_nothing_is_scheduled_as_long_as_nothing_is_named_to_look_through() -> None:
    assert not nightly_schedule().is_active


def test_the_schedule_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERMATA_RECORDINGS", "calls")
    monkeypatch.setenv("FERMATA_NIGHTLY_CRON", "15 4 * * 1-5")
    monkeypatch.setenv("FERMATA_NIGHTLY_TIMEZONE", "Europe/Berlin")
    (nightly,) = chosen(["nightly"])
    (made,) = to_serve(nightly).schedules or []
    assert made.active
    assert (made.schedule.cron, made.schedule.timezone) == ("15 4 * * 1-5", "Europe/Berlin")


def test_a_schedule_that_is_none_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FERMATA_NIGHTLY_CRON", "whenever")
    (nightly,) = chosen(["nightly"])
    with pytest.raises(UsageError, match="FERMATA_NIGHTLY_CRON"):
        to_serve(nightly)


def test_a_time_zone_that_is_none_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FERMATA_NIGHTLY_TIMEZONE", "Berlin")
    with pytest.raises(UsageError, match=r"FERMATA_NIGHTLY_TIMEZONE: .*Europe/Berlin"):
        catalogue()


@pytest.mark.parametrize("deployment", catalogue(), ids=lambda each: each.name)
def test_a_served_deployment_says_what_the_catalogue_says(deployment) -> None:
    made = to_serve(deployment)
    assert made.entrypoint == deployment.entrypoint
    assert made.tags == list(deployment.tags)
    assert made.description
    assert made.concurrency_limit == deployment.most_at_once
    if deployment.most_at_once:
        assert made.concurrency_options.collision_strategy == "ENQUEUE"
