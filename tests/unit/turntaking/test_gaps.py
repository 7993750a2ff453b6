"""Gaps: the guide's definition, and the signed gap of every pair beside it."""

from hypothesis import given
from hypothesis import strategies as st

from fermata.turntaking import Gap, Utterance, gaps_between, positive, utterances_of
from tests.strategies import transcripts, utterance_lists


def test_a_gap_is_next_start_minus_previous_end():
    gaps = gaps_between([Utterance("A", 0, 1_000), Utterance("B", 1_350, 2_000)])
    assert gaps == (Gap(0, "A", "B", 1_000, 1_350),)
    assert gaps[0].gap_ms == 350


def test_overlap_is_a_negative_gap_and_is_kept():
    gaps = gaps_between([Utterance("A", 0, 1_000), Utterance("B", 800, 2_000)])
    assert [gap.gap_ms for gap in gaps] == [-200]


def test_neither_overlap_nor_latching_counts_as_a_positive_gap():
    talk = [Utterance("A", 0, 10), Utterance("B", 10, 20), Utterance("A", 15, 30)]
    assert positive(gaps_between([*talk, Utterance("B", 31, 40)])) == (Gap(2, "A", "B", 30, 31),)


@given(utterance_lists)
def test_n_utterances_have_n_minus_1_gaps_numbered_in_order(found):
    gaps = gaps_between(found)
    assert [gap.index for gap in gaps] == list(range(max(len(found) - 1, 0)))


@given(utterance_lists)
def test_positive_gaps_are_those_above_zero_in_their_order(found):
    gaps = gaps_between(found)
    kept = positive(gaps)
    assert all(gap.gap_ms > 0 for gap in kept)
    assert [gap for gap in gaps if gap in kept] == list(kept)
    assert all(gap.gap_ms <= 0 for gap in gaps if gap not in kept)


@given(transcripts, st.integers(min_value=0, max_value=10_000))
def test_gaps_do_not_depend_on_where_the_recording_starts(transcript, shift_ms):
    found = utterances_of(transcript)
    later = [Utterance(u.speaker, u.start_ms + shift_ms, u.end_ms + shift_ms) for u in found]
    before = [gap.gap_ms for gap in gaps_between(found)]
    assert [gap.gap_ms for gap in gaps_between(later)] == before


@given(transcripts, st.randoms(use_true_random=False))
def test_gaps_do_not_depend_on_the_order_of_the_utterances(transcript, random):
    shuffled = list(transcript["utterances"])
    random.shuffle(shuffled)
    gaps = gaps_between(utterances_of(transcript))
    again = gaps_between(utterances_of({"utterances": shuffled}))
    assert [gap.gap_ms for gap in again] == [gap.gap_ms for gap in gaps]
