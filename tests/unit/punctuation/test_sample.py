"""Which recordings are streamed: within the minutes, evenly, and the same in each run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.punctuation.sample import LEAST_PIECE_S, SESSION_OVERHEAD_S, Usable, pieces_within
from fermata.punctuation.silences import BatchSilence
from fermata.recordings import Recording


def usable(name, duration_s, channels=1, silences=()):
    recording = Recording(name, f"/{name}.wav", name, "default", "", None, duration_s, channels)
    return Usable(recording, tuple(silences), "universal-2")


def streamed_s(pieces):
    return {piece.usable.recording.name: round(piece.streamed_s, 3) for piece in pieces}


def test_minutes_are_shared_evenly_and_short_recordings_leave_theirs_to_the_others():
    found = pieces_within([usable("a", 3_600), usable("b", 7), usable("c", 3_600)], minutes=4)
    assert streamed_s(found) == {"a": 112, "b": 7, "c": 112}


def test_a_channel_is_a_session_of_its_own():
    (piece,) = pieces_within([usable("a", 3_600, channels=2)], minutes=10)
    assert piece.streamed_s == pytest.approx(300 - SESSION_OVERHEAD_S)
    assert piece.billed_s == pytest.approx(600)


def test_no_more_recordings_are_taken_than_get_a_minute_each():
    found = pieces_within([usable(name, 3_600) for name in "abcd"], minutes=2.5)
    assert list(streamed_s(found)) == ["a", "b"]


def test_minutes_that_are_too_few_are_refused_with_those_needed():
    with pytest.raises(UsageError, match=r"0\.5 min are too few, .* give 1 min or more$"):
        pieces_within([usable("a", 3_600)], minutes=0.5)
    with pytest.raises(UsageError, match=r"give 0\.2 min or more$"):
        pieces_within([usable("a", 5), usable("b", 3_600, channels=2)], minutes=0.1)


def test_a_minute_is_enough_for_one_channel():
    (piece,) = pieces_within([usable("a", 3_600)], minutes=1)
    assert piece.billed_s == pytest.approx(60)


def test_only_silences_that_begin_in_the_piece_are_compared():
    silences = [BatchSilence(0, start, 500, "so.", is_complete=True) for start in (50_000, 200_000)]
    (piece,) = pieces_within([usable("a", 3_600, silences=silences)], minutes=2)
    assert [each.start_ms for each in piece.silences] == [50_000]


@given(
    lengths=st.lists(st.tuples(st.floats(1, 5_000), st.integers(1, 3)), min_size=1, max_size=12),
    minutes=st.floats(4, 60),
)
def test_the_bill_never_exceeds_the_minutes(lengths, minutes):
    recordings = [usable(str(i), length, many) for i, (length, many) in enumerate(lengths)]
    pieces = pieces_within(recordings, minutes)
    assert sum(piece.billed_s for piece in pieces) <= minutes * 60 + 1e-6
    for piece in pieces:
        whole_s = piece.usable.recording.duration_s
        assert min(whole_s, LEAST_PIECE_S) - 1e-6 <= piece.streamed_s <= whole_s + 1e-6
