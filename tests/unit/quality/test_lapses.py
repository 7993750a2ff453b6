"""Time in which nobody talks is measured, and told from talk."""

import pytest
from quality_calls import facts, facts_from, finding, spoken

from fermata.quality import GateVerdict


def test_stretches_in_which_nobody_talks_are_measured():
    found = facts_from(
        spoken(
            ("A", 1_000, 2_000), ("B", 6_999, 8_000), ("A", 13_000, 14_000), ("A", 50_000, 51_000)
        )
    )
    assert found.silence_ms == 5_000 + 36_000
    assert found.long_stretches == 1
    assert found.longest_silence_ms == 36_000
    assert found.span_ms == 50_000


def test_a_long_word_covers_the_silence_of_the_others():
    found = facts_from(spoken(("A", 0, 20_000), ("B", 1_000, 2_000), ("A", 20_100, 21_000)))
    assert (found.silence_ms, found.longest_silence_ms) == (0, 100)


def test_talk_passes_and_lapses_are_said_to_be_left_out():
    found = finding("lapses", [facts()])
    assert found.verdict is GateVerdict.PASS
    assert "left out" in found.do


@pytest.mark.parametrize(
    ("silence_ms", "verdict"),
    [(60_000, GateVerdict.PASS), (80_000, GateVerdict.WARN), (400_000, GateVerdict.REFUSE)],
)
def test_the_share_of_silence_decides(silence_ms, verdict):
    found = finding("lapses", [facts(silence_ms=silence_ms)])
    assert found.verdict is verdict
    assert f"{silence_ms / 7_000:.1f} % of the time" in found.saw


def test_calls_on_hold_are_named():
    held = facts("held", long_stretches=1, longest_silence_ms=94_600)
    found = finding("lapses", [held, *(facts(f"r{i}") for i in range(5))])
    assert found.verdict is GateVerdict.WARN
    assert "1 of 6 calls" in found.saw
    assert "longest: 94.6 s" in found.saw
    assert "support/held.wav" in found.saw


def test_no_words_say_nothing():
    assert finding("lapses", [facts_from(spoken())]).verdict is GateVerdict.NOT_MEASURED
    assert finding("lapses", []).verdict is GateVerdict.NOT_MEASURED
