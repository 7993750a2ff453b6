"""A channel whose clock is off shows by double talk that a move would cure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_calls import facts, facts_from, finding, spoken, taking_turns

from fermata.quality import GateVerdict
from fermata.quality.clocks import FRAME_MS


def later(words, speaker, offset_ms):
    """The same words with one speaker's times moved."""
    return spoken(
        *(
            (who, start + offset_ms, end + offset_ms) if who == speaker else (who, start, end)
            for who, start, end in words
        )
    )


def test_people_who_take_turns_are_on_one_clock():
    found = facts_from(spoken(*taking_turns()))
    assert (found.clock_windows, found.clock_windows_off) == (1, 0)
    assert found.clock_offset_ms is None
    assert finding("clocks", [found]).verdict is GateVerdict.PASS


@given(offset_ms=st.integers(1_200, 3_000))
def test_an_offset_is_found_to_within_a_gap(offset_ms):
    found = facts_from(later(taking_turns(gap_ms=300), "B", offset_ms))
    assert found.clock_windows_off == 1
    assert found.clock_offset_ms == pytest.approx(-offset_ms, abs=300 + FRAME_MS)
    assert found.clock_double_talk_moved_ms < found.clock_double_talk_ms
    assert finding("clocks", [found]).verdict is GateVerdict.REFUSE


def test_a_drift_is_found_where_it_has_grown():
    words = taking_turns(turns=360)
    drifting = spoken(
        *(
            (
                who,
                start + (start // 400 if who == "B" else 0),
                end + (start // 400 if who == "B" else 0),
            )
            for who, start, end in words
        )
    )
    found = facts_from(drifting)
    assert found.clock_windows == 4
    assert 0 < found.clock_windows_off < 4


def test_overlaps_here_and_there_are_no_offset():
    words = taking_turns() + [
        ("B", start + 1_000, start + 1_600) for start in range(0, 90_000, 6_600)
    ]
    assert facts_from(spoken(*words)).clock_windows_off == 0


@pytest.mark.parametrize(
    ("words", "channels"),
    [
        (taking_turns(), 1),
        ([*taking_turns(), ("C", 300_000, 310_000)], 2),
        ([("A", 0, 60_000)], 2),
        ([*[w for w in taking_turns() if w[0] == "A"], ("B", 3_000, 3_300)], 2),
        ([*taking_turns(), ("A", 10**12, 10**12 + 300)], 2),
        ([], 2),
    ],
    ids=["one channel", "three speakers", "one speaker", "a word", "absurd times", "no words"],
)
def test_clocks_that_cannot_be_compared_are_not_judged(words, channels):
    found = facts_from(spoken(*words), channels=channels)
    assert found.clock_windows == 0
    assert finding("clocks", [found]).verdict is GateVerdict.NOT_MEASURED


def test_some_calls_that_are_off_are_warned_about_by_name():
    off = facts(
        "bad",
        clock_windows_off=1,
        clock_talk_off_ms=150_000,
        clock_offset_ms=-2_050,
        clock_double_talk_ms=30_000,
        clock_double_talk_moved_ms=4_000,
    )
    found = finding("clocks", [off, *(facts(f"r{i}") for i in range(4))])
    assert found.verdict is GateVerdict.WARN
    assert "in 1 of 5 calls" in found.saw
    assert "(15.0 % of the talk)" in found.saw
    assert "up to 2.0 s" in found.saw or "up to 2.1 s" in found.saw
    assert "support/bad.wav" in found.saw
