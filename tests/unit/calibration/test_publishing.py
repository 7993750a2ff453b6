"""What is in force follows from what was published, and earlier settings can be had again."""

import pytest

from fermata.calibration import (
    MAIN,
    DamagedPublicationError,
    PublishedBy,
    history,
    is_newest_by_group,
    present,
    publish,
    read_latest,
    roll_back,
    runs_in_force,
    write_latest,
)
from fermata.errors import UsageError
from tests.unit.calibration.publishing_folder import (
    PRESETS,
    QUICK_MS,
    SLOW_MS,
    USUAL_MS,
    Folder,
)


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_a_run_is_in_force_once_it_is_published_and_not_before(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.calibrate({"ivr": SLOW_MS}, "run-2")
    write_latest(folder.storage, PRESETS, MAIN)
    assert folder.runs == {"*": "run-1", "ivr": "run-1"}
    publish(folder.storage, PRESETS, "run-2", by=PublishedBy.APPROVED, reason="looks right")
    assert folder.runs == {"*": "run-2", "ivr": "run-2"}


def test_a_group_that_a_newer_run_does_not_name_keeps_its_choice(folder):
    folder.publish({"ivr": QUICK_MS, "support": SLOW_MS})
    folder.publish({"ivr": USUAL_MS})
    assert folder.runs == {"*": "run-2", "ivr": "run-2", "support": "run-1"}


def test_what_rests_on_nothing_is_not_published(folder):
    folder.publish({"ivr": SLOW_MS})
    folder.publish({"ivr": None})
    assert folder.runs == {"*": "run-1", "ivr": "run-1"}
    assert len(history(folder.storage, MAIN)) == 1


def test_where_nothing_was_analysed_nothing_is_in_force(folder):
    with pytest.raises(UsageError, match="nothing was analysed in the run run-1"):
        folder.publish({"ivr": None})
    assert history(folder.storage, MAIN) == ()
    assert read_latest(folder.storage) is None


def test_a_group_alone_is_refused_before_anything_is_written(folder):
    run_id = folder.calibrate({"ivr": SLOW_MS, "support": QUICK_MS})
    with pytest.raises(UsageError, match="nothing is in force for all recordings yet"):
        publish(
            *(folder.storage, PRESETS, run_id),
            by=PublishedBy.APPROVED,
            reason="",
            groups=["ivr"],
        )
    assert history(folder.storage, MAIN) == ()


def test_publishing_again_after_a_crash_adds_no_record(folder):
    folder.publish({"ivr": SLOW_MS})
    before = folder.storage.list(MAIN.publications_folder)
    publish(folder.storage, PRESETS, "run-1", by=PublishedBy.AUTOMATIC, reason="again")
    assert folder.storage.list(MAIN.publications_folder) == before
    assert len(before) == 1


def test_a_retry_of_an_older_run_does_not_push_out_the_newer_choice(folder):
    folder.publish({"ivr": SLOW_MS})
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"ivr": SLOW_MS}, run_id="run-1")
    assert folder.runs == {"*": "run-2", "ivr": "run-2"}


def test_a_retry_that_found_a_further_group_publishes_that_one(folder):
    folder.publish({"ivr": SLOW_MS}, run_id="run-1")
    folder.publish({"ivr": SLOW_MS, "support": QUICK_MS}, run_id="run-1")
    assert folder.runs == {"*": "run-1", "ivr": "run-1", "support": "run-1"}
    assert [sorted(each.runs) for each in history(folder.storage, MAIN)] == [
        ["*", "ivr"],
        ["support"],
    ]


def test_a_run_that_was_never_calibrated_cannot_be_published(folder):
    with pytest.raises(UsageError, match="no calibration of the run run-9"):
        publish(folder.storage, PRESETS, "run-9", by=PublishedBy.AUTOMATIC, reason="")


def test_rolling_back_brings_the_previous_choices_of_all_groups_into_force(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"support": SLOW_MS})
    folder.publish({"ivr": USUAL_MS, "support": USUAL_MS})
    record = roll_back(folder.storage, PRESETS, reason="callers complain", scope=MAIN)
    assert record.runs == {"*": "run-2", "ivr": "run-1", "support": "run-2"}
    assert record.by is PublishedBy.ROLLED_BACK
    assert folder.runs == record.runs


def test_rolling_back_one_group_leaves_the_others(folder):
    folder.publish({"ivr": QUICK_MS, "support": SLOW_MS})
    folder.publish({"ivr": USUAL_MS, "support": USUAL_MS})
    roll_back(folder.storage, PRESETS, group="ivr", scope=MAIN)
    assert folder.runs == {"*": "run-2", "ivr": "run-1", "support": "run-2"}


def test_one_may_go_back_to_any_earlier_run(folder):
    for gap_ms in (QUICK_MS, USUAL_MS, SLOW_MS):
        folder.publish({"ivr": gap_ms})
    roll_back(folder.storage, PRESETS, "run-1", scope=MAIN)
    assert read_latest(folder.storage).overall.preset == "aggressive"
    assert runs_in_force(folder.storage, MAIN) == {"*": "run-1", "ivr": "run-1"}


def test_rolling_back_twice_leads_to_where_one_started(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"ivr": SLOW_MS})
    roll_back(folder.storage, PRESETS, scope=MAIN)
    roll_back(folder.storage, PRESETS, scope=MAIN)
    assert folder.runs == {"*": "run-2", "ivr": "run-2"}


def test_a_retry_of_the_run_does_not_undo_a_roll_back(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"ivr": SLOW_MS})
    roll_back(folder.storage, PRESETS, scope=MAIN)
    publish(folder.storage, PRESETS, "run-2", by=PublishedBy.AUTOMATIC, reason="retried")
    assert folder.runs == {"*": "run-1", "ivr": "run-1"}


def test_going_back_passes_over_a_night_that_changed_nothing(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"ivr": SLOW_MS})
    folder.publish({"ivr": None})
    roll_back(folder.storage, PRESETS, scope=MAIN)
    assert folder.runs == {"*": "run-1", "ivr": "run-1"}


def test_going_back_to_what_is_in_force_records_nothing(folder):
    folder.publish({"ivr": QUICK_MS})
    assert roll_back(folder.storage, PRESETS, "run-1", scope=MAIN) is None
    assert len(folder.storage.list(MAIN.publications_folder)) == 1


@pytest.mark.parametrize(
    ("run_id", "group", "says"),
    [
        ("previous", None, "nothing to go back to"),
        ("previous", "sales", "nothing is published for the group 'sales'; there are: *, ivr"),
        ("run-9", None, "never published"),
        ("run-1", "sales", "no choice for the group 'sales'; it has: *, ivr"),
        ("run-2", None, "never published"),
    ],
)
def test_what_cannot_be_gone_back_to_is_said_in_one_line(folder, run_id, group, says):
    folder.publish({"ivr": QUICK_MS})
    folder.calibrate({"ivr": SLOW_MS}, "run-2")
    with pytest.raises(UsageError) as refused:
        roll_back(folder.storage, PRESETS, run_id, group=group, scope=MAIN)
    assert says in str(refused.value)
    assert folder.runs == {"*": "run-1", "ivr": "run-1"}


def test_an_empty_folder_has_no_history_and_nothing_to_go_back_to(folder):
    assert history(folder.storage, MAIN) == ()
    with pytest.raises(UsageError, match="nothing was published yet"):
        roll_back(folder.storage, PRESETS, scope=MAIN)


def test_a_folder_from_before_the_records_keeps_what_was_in_force(folder):
    folder.calibrate({"ivr": QUICK_MS, "support": SLOW_MS})
    folder.calibrate({"ivr": USUAL_MS})
    write_latest(folder.storage, PRESETS, MAIN)
    assert folder.runs == {"*": "run-2", "ivr": "run-2", "support": "run-1"}
    folder.publish({"ivr": SLOW_MS})
    assert folder.runs == {"*": "run-3", "ivr": "run-3", "support": "run-1"}
    assert [each.run_id for each in history(folder.storage, MAIN)] == ["run-1", "run-2", "run-3"]


def test_in_a_folder_from_before_the_records_one_can_go_back(folder):
    folder.calibrate({"ivr": QUICK_MS})
    folder.calibrate({"ivr": SLOW_MS})
    write_latest(folder.storage, PRESETS, MAIN)
    roll_back(folder.storage, PRESETS, scope=MAIN)
    assert folder.runs == {"*": "run-1", "ivr": "run-1"}
    assert len(history(folder.storage, MAIN)) == 3


@pytest.mark.parametrize("has_records", [True, False])
def test_a_run_that_waits_for_approval_is_not_published_by_another(folder, has_records):
    if has_records:
        folder.publish({"ivr": QUICK_MS})
    else:
        folder.calibrate({"ivr": QUICK_MS})
        write_latest(folder.storage, PRESETS, MAIN)
    folder.calibrate({"sales": SLOW_MS}, "waiting")
    folder.publish({"ivr": USUAL_MS}, run_id="other")
    assert folder.runs == {"*": "other", "ivr": "other"}


def test_a_choice_that_waited_knows_for_which_groups_a_later_one_was_published(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.calibrate({"ivr": SLOW_MS, "support": SLOW_MS}, "waiting")
    assert is_newest_by_group(folder.storage, "waiting", MAIN) == {
        "*": True,
        "ivr": True,
        "support": True,
    }
    folder.publish({"ivr": USUAL_MS})
    assert is_newest_by_group(folder.storage, "waiting", MAIN) == {
        "*": False,
        "ivr": False,
        "support": True,
    }


def test_to_have_gone_back_since_is_no_later_choice(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"ivr": SLOW_MS})
    folder.calibrate({"ivr": USUAL_MS}, "waiting")
    roll_back(folder.storage, PRESETS, scope=MAIN)
    assert all(is_newest_by_group(folder.storage, "waiting", MAIN).values())


def test_a_damaged_latest_choice_is_made_good_by_the_next_publication(folder):
    folder.calibrate({"ivr": QUICK_MS, "support": SLOW_MS})
    folder.storage.write_atomically(MAIN.latest_path, b"{")
    folder.publish({"ivr": USUAL_MS})
    assert folder.runs == {"*": "run-2", "ivr": "run-2", "support": "run-1"}


def test_where_the_latest_choice_is_damaged_the_records_say_what_is_in_force(folder):
    assert present(folder.storage, PRESETS, MAIN) is None
    folder.publish({"ivr": QUICK_MS})
    written = present(folder.storage, PRESETS, MAIN)
    folder.storage.write_atomically(MAIN.latest_path, b"{")
    assert present(folder.storage, PRESETS, MAIN) == written


def test_a_run_whose_rows_are_gone_gives_way_to_the_one_before(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"ivr": SLOW_MS})
    folder.storage.remove("calibrations/run-2.parquet")
    write_latest(folder.storage, PRESETS, MAIN)
    assert folder.runs == {"*": "run-1", "ivr": "run-1"}


def test_a_damaged_record_is_named_in_one_line(folder):
    folder.publish({"ivr": QUICK_MS})
    folder.storage.write_atomically(f"{MAIN.publications_folder}/20260101T000000Z-x.json", b"{")
    with pytest.raises(DamagedPublicationError, match=r"20260101T000000Z-x\.json") as refused:
        history(folder.storage, MAIN)
    assert "\n" not in str(refused.value)
