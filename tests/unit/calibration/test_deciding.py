"""A run puts its settings in force by itself only where nothing is given up for them."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fermata.calibration import (
    MAIN,
    PublishedBy,
    decide_publication,
    drop_what_replaced_runs_rest_on,
    publish,
    runs_in_force,
)
from tests.unit.calibration.publishing_folder import PRESETS, QUICK_MS, SLOW_MS, Folder

CALLS = ("a", "b", "c", "d")


class Runs(Folder):
    """Runs over some of the same recordings."""

    def over(self, *names: str, gap_ms: int = QUICK_MS) -> str:
        """Calibrates on recordings of the group `ivr`."""
        return self.calibrate_on({"ivr": dict.fromkeys(names, gap_ms)})

    def take(self, run_id: str) -> bool:
        """Publishes what may be by itself; returns whether that is all."""
        decision = decide_publication(self.storage, run_id, MAIN)
        if decision.publish:
            publish(
                *(self.storage, PRESETS, run_id),
                by=PublishedBy.AUTOMATIC,
                reason=decision.why,
                groups=decision.publish,
            )
        return not decision.withhold

    def why_not(self, run_id: str) -> str:
        return decide_publication(self.storage, run_id, MAIN).why_not


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_the_first_settings_are_put_in_force(runs: Runs):
    assert runs.take(runs.over("a"))


def test_a_run_over_the_same_and_more_recordings_replaces_them(runs: Runs):
    runs.take(runs.over("a", "b"))
    assert runs.take(runs.over("a", "b", gap_ms=SLOW_MS))
    assert runs.take(runs.over("a", "b", "c"))
    assert runs.runs == {"*": "run-3", "ivr": "run-3"}


def test_a_run_over_fewer_or_other_recordings_changes_nothing_and_says_why(runs: Runs):
    runs.take(runs.over("a", "b"))
    for names, missing in ((("a",), "a recording"), (("c", "d", "e"), "2 recordings")):
        run = runs.over(*names, gap_ms=SLOW_MS)
        assert not runs.take(run)
        expected = f"the settings in force rest on {missing} that this run does not have"
        assert runs.why_not(run) == expected
    assert runs.runs == {"*": "run-1", "ivr": "run-1"}


def test_each_group_is_decided_by_its_own_recordings(runs: Runs):
    first = runs.calibrate_on({"ivr": {"a": QUICK_MS}, "support": {"b": QUICK_MS}})
    runs.take(first)
    run = runs.calibrate_on({"ivr": {"a": SLOW_MS}, "sales": {"c": SLOW_MS}})
    assert not runs.take(run)
    assert runs.runs == {"*": first, "ivr": run, "support": first, "sales": run}


def test_nothing_analysed_is_never_put_in_force(runs: Runs):
    run = runs.calibrate({"ivr": None})
    assert not runs.take(run)
    assert runs.why_not(run) == "nothing was analysed"
    assert runs.storage.list(MAIN.publications_folder) == ()
    assert not runs.storage.exists(MAIN.latest_path)


def test_settings_of_which_it_is_not_known_what_they_rest_on_stay(runs: Runs):
    older = runs.publish({"a": QUICK_MS})
    runs.storage.remove(f"calibrated_recordings/{older}.parquet")
    run = runs.over("a", "b")
    assert not runs.take(run)
    assert runs.why_not(run).startswith("which recordings the settings in force rest on is not")


def test_what_replaced_runs_rest_on_is_kept_for_a_month(runs: Runs):
    for names in (("a",), ("a", "b"), ("a", "b", "c")):
        runs.take(runs.over(*names))
    for days, kept in ((30, 3), (32, 1), (400, 1)):
        drop_what_replaced_runs_rest_on(runs.storage, runs.chosen_at() + timedelta(days=days))
        assert len(runs.storage.list("calibrated_recordings")) == kept
    assert runs.take(runs.over("a", "b", "c", "d"))
    assert not runs.take(runs.over("a", "b", "c"))


# Each writes dozens of files.
@settings(max_examples=12)
@given(st.lists(st.sets(st.sampled_from(CALLS), min_size=1), min_size=1, max_size=4))
def test_in_any_order_of_runs_what_is_in_force_rests_on_all_that_was(
    tmp_path_factory: pytest.TempPathFactory, batches: list[set[str]]
):
    runs = Runs(tmp_path_factory.mktemp("data"))
    in_force: set[str] = set()
    for names in batches:
        run = runs.over(*names)
        assert runs.take(run) == (names >= in_force)
        in_force |= names if names >= in_force else set()
        assert (runs_in_force(runs.storage, MAIN)["*"] == run) == (names >= in_force)
