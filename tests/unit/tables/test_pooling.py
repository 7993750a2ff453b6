"""Picking the gaps of a run's recordings out of all that were ever kept."""

import pytest
from table_rows import OPTIONS, recording_gaps

from fermata.storage import Storage
from fermata.tables import GAPS, gaps_frame, positive_gaps, write_batch


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path))


def test_only_positive_gaps_of_the_wanted_recordings_are_read(storage):
    first = [recording_gaps("r1", (100, -50, 400)), recording_gaps("r2", (7,))]
    write_batch(storage, GAPS, "b1", gaps_frame(first))
    write_batch(storage, GAPS, "b2", gaps_frame([recording_gaps("r3", (0, 30))]))
    gaps = positive_gaps(storage, [recording_gaps("r1"), recording_gaps("r3")])
    assert gaps.to_dict("list") == {
        "recording_id": ["r1", "r1", "r3"],
        "options_hash": [OPTIONS] * 3,
        "gap_ms": [100, 400, 30],
    }


def test_the_same_recording_with_other_options_is_left_out(storage):
    both = [recording_gaps("r1", (100,)), recording_gaps("r1", (200,), options_hash="other")]
    write_batch(storage, GAPS, "b1", gaps_frame(both))
    wanted = [recording_gaps("r1", options_hash="other"), recording_gaps("r2")]
    assert list(positive_gaps(storage, wanted)["gap_ms"]) == [200]


@pytest.mark.parametrize("keys", [[], [recording_gaps("unknown")]])
def test_no_known_recording_means_no_gaps(storage, keys):
    write_batch(storage, GAPS, "b1", gaps_frame([recording_gaps()]))
    gaps = positive_gaps(storage, keys)
    assert list(gaps.columns) == ["recording_id", "options_hash", "gap_ms"]
    assert gaps.empty


def test_before_the_first_batch_there_are_no_gaps(storage):
    assert positive_gaps(storage, [recording_gaps()]).empty
