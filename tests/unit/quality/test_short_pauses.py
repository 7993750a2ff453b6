"""Evidence without short pauses is refused, whatever else is right with it."""

import pytest
from quality_calls import facts, facts_from, finding, spoken

from fermata.quality import GateVerdict


def words_with_pauses(pause_ms, words=400, word_ms=300):
    step_ms = word_ms + pause_ms
    return spoken(*(("A", i * step_ms, i * step_ms + word_ms) for i in range(words)))


def test_pauses_are_counted_by_class():
    found = facts_from(
        spoken(
            ("A", 0, 300),
            ("A", 499, 800),
            ("A", 1_000, 1_300),
            ("A", 1_800, 2_000),
            ("A", 3_000, 3_300),
            ("A", 6_300, 6_500),
        )
    )
    counts = (found.pauses_from_200_ms, found.pauses_from_500_ms, found.pauses_from_1000_ms)
    assert counts == (1, 1, 1)


def test_the_time_until_another_speaks_is_no_pause():
    found = facts_from(spoken(("A", 0, 2_000), ("B", 2_300, 4_000), ("A", 4_300, 6_000)))
    assert found.pauses_from_200_ms == 0


def test_speech_with_short_pauses_passes():
    assert finding("short-pauses", [facts()]).verdict is GateVerdict.PASS


def test_speech_without_short_pauses_is_refused_with_its_figures():
    found = finding("short-pauses", [facts(pauses_from_200_ms=3, pauses_from_500_ms=4)])
    assert found.verdict is GateVerdict.REFUSE
    assert "0.7 pauses of 200 to 1,000 ms per minute of speech (2.5 needed)" in found.saw
    assert "word times" in found.do


def test_mostly_long_pauses_are_refused_even_if_there_are_many():
    found = finding("short-pauses", [facts(pauses_from_1000_ms=400)])
    assert found.verdict is GateVerdict.REFUSE
    assert "27.3 % of those below 3 s" in found.saw


def test_a_little_speech_gives_no_verdict_either_way():
    few = facts(
        speech_ms=60_000,
        pieces=200,
        pauses_from_200_ms=3,
        pauses_from_500_ms=0,
        pauses_from_1000_ms=0,
    )
    found = finding("short-pauses", [few])
    assert found.verdict is GateVerdict.WARN
    assert "too little speech" in found.saw


def test_a_poor_part_is_named_even_if_the_whole_looks_well():
    good = [facts(f"good{i}") for i in range(3)]
    poor = [facts(f"poor{i}", pauses_from_200_ms=2, pauses_from_500_ms=2) for i in range(2)]
    found = finding("short-pauses", good + poor)
    assert found.verdict is GateVerdict.WARN
    assert "2 calls (40.0 % of the speech)" in found.saw
    assert "support/poor0.wav" in found.saw


@pytest.mark.parametrize("changes", [{"unit": "segment"}, {"pieces": 300}])
def test_pieces_longer_than_words_are_warned_about(changes):
    found = finding("short-pauses", [facts(**changes)])
    assert found.verdict is GateVerdict.WARN
    assert "not in words" in found.saw


def test_utterances_that_came_without_words_are_no_words():
    found = finding("short-pauses", [facts_from(words_with_pauses(400, word_ms=2_000))])
    assert found.verdict is GateVerdict.WARN


def test_words_that_came_with_words_pass():
    found = finding("short-pauses", [facts_from(words_with_pauses(400))])
    assert found.verdict is GateVerdict.PASS


def test_no_speech_at_all_is_refused():
    assert finding("short-pauses", []).verdict is GateVerdict.REFUSE
    assert finding("short-pauses", [facts_from(spoken())]).verdict is GateVerdict.REFUSE
