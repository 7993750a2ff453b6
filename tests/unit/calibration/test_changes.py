"""Which groups a streaming client is told something else for."""

import pytest

from fermata.calibration import Change, read_latest, recommendation_changes
from fermata.report.changed import changes_markdown
from tests.unit.calibration.publishing_folder import QUICK_MS, SLOW_MS, Folder


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def _changes(folder, gap_ms_by_group):
    before = read_latest(folder.storage)
    folder.publish(gap_ms_by_group)
    return recommendation_changes(before, read_latest(folder.storage))


def test_new_figures_that_lead_to_the_same_settings_are_no_change(folder):
    folder.publish({"ivr": QUICK_MS})
    assert _changes(folder, {"ivr": QUICK_MS + 50}) == ()


def test_a_group_with_other_settings_is_named_with_both(folder):
    folder.publish({"ivr": QUICK_MS, "support": SLOW_MS})
    (change,) = [
        each
        for each in _changes(folder, {"ivr": QUICK_MS, "support": QUICK_MS})
        if each.group != "*"
    ]
    assert change.group == "support"
    assert (change.old.max_turn_silence_ms, change.new.max_turn_silence_ms) == (3_600, 400)
    assert change.reason == change.new.reasoning


def test_before_the_first_publication_everything_is_new(folder):
    changes = _changes(folder, {"ivr": QUICK_MS})
    assert [(each.group, each.old) for each in changes] == [("*", None), ("ivr", None)]
    assert changes[0].summary == "all recordings: nothing → 160/400 ms for u3-rt-pro"


def test_changes_as_markdown_keep_a_groups_odd_name_in_its_cell(folder):
    text = changes_markdown(_changes(folder, {"a|b <c>": QUICK_MS}))
    assert r"| a\|b &lt;c> | none | 160 / 400 |" in text


def test_the_table_of_changes_fits_a_form_and_the_reasons_stand_below_it(folder):
    text = changes_markdown(_changes(folder, {"ivr": QUICK_MS}))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert max(map(len, table)) < 50
    assert "in ms, for u3-rt-pro." in text
    assert "- **ivr**, by average-gap: Average gap of" in text


def test_other_models_are_told_in_the_table(folder):
    folder.publish({"ivr": QUICK_MS})
    before = read_latest(folder.storage)
    new = before.overall.model_copy(update={"speech_model": "universal-streaming-english"})
    text = changes_markdown([Change("*", before.overall, new)])
    assert "| 160 / 400 (u3-rt-pro) | 160 / 400 (universal-streaming-english) |" in text
