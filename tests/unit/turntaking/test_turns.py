"""Words become units, backchannels, holds, shifts, overlaps, lapses and turns."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.replay import pauses_of
from fermata.turntaking.backchannels import backchannels_among
from fermata.turntaking.floor import SilenceKind
from fermata.turntaking.ipus import ipus_of
from fermata.turntaking.turns import turn_taking
from fermata.turntaking.words import Conversation, Word


def conversation(*words):
    return Conversation.of(Word(*word) for word in words)


def kinds(found, speaker):
    return [silence.kind for silence in found.silences[speaker]]


def test_words_closer_than_180_ms_are_one_unit():
    units = ipus_of(conversation(("A", 0, 100, "a"), ("A", 279, 400, "b"), ("A", 580, 700, "c")))
    assert [(unit.start_ms, unit.end_ms) for unit in units["A"]] == [(0, 400), (580, 700)]


def test_a_word_inside_a_longer_one_ends_no_unit():
    units = ipus_of(
        conversation(("A", 0, 5_000, "a"), ("A", 100, 200, "b"), ("A", 3_000, 3_100, "c"))
    )
    assert [(unit.start_ms, unit.end_ms) for unit in units["A"]] == [(0, 5_000)]


def test_a_token_inside_the_others_talk_is_a_backchannel():
    units = ipus_of(conversation(("A", 0, 5_000, "well"), ("B", 2_000, 2_300, "mhm")))
    assert backchannels_among(units) == {"A": (False,), "B": (True,)}


def test_a_token_in_a_short_pause_of_the_other_is_a_backchannel():
    words = ("A", 0, 2_000, "well"), ("B", 2_100, 2_400, "mhm"), ("A", 3_499, 6_000, "so")
    assert backchannels_among(ipus_of(conversation(*words)))["B"] == (True,)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (
            "an answer",
            (("A", 0, 2_000, "well?"), ("B", 2_100, 2_400, "yes"), ("A", 3_000, 6_000, "so")),
        ),
        (
            "a long pause",
            (("A", 0, 2_000, "well"), ("B", 2_100, 2_400, "mhm"), ("A", 3_600, 6_000, "so")),
        ),
        ("too long", (("A", 0, 5_000, "well"), ("B", 2_000, 3_001, "mhm"))),
        ("four words", (("A", 0, 5_000, "well"), ("B", 2_000, 2_300, "that is so true"))),
        (
            "own talk near",
            (("A", 0, 5_000, "well"), ("B", 2_000, 2_300, "yes"), ("B", 3_200, 4_500, "but")),
        ),
    ],
)
def test_it_is_no_backchannel_but(why, words):
    assert not any(backchannels_among(ipus_of(conversation(*words)))["B"]), why


def test_a_hold_is_where_the_same_speaker_goes_on():
    found = turn_taking(conversation(("A", 0, 500, "I"), ("A", 900, 1_500, "see.")))
    assert kinds(found, "A") == [SilenceKind.HOLD, SilenceKind.END]
    assert found.silences["A"][0].own_ms == 400


def test_a_pause_inside_a_unit_counts_from_100_ms():
    words = ("A", 0, 500, "I"), ("A", 599, 700, "do"), ("A", 800, 900, "see")
    assert [silence.own_ms for silence in turn_taking(conversation(*words)).silences["A"]] == [
        100,
        None,
    ]


def test_a_shift_after_silence_is_a_gap():
    found = turn_taking(conversation(("A", 0, 2_000, "well."), ("B", 2_200, 5_000, "so")))
    (shift,) = found.silences["A"]
    assert (shift.kind, shift.next_speaker) == (SilenceKind.SHIFT, "B")
    assert shift.floor_transfer_offset_ms == 200
    assert shift.is_complete


def test_a_shift_before_the_end_is_an_overlap():
    found = turn_taking(conversation(("A", 0, 2_000, "well"), ("B", 1_700, 5_000, "so")))
    (shift,) = found.silences["A"]
    assert shift.floor_transfer_offset_ms == -300
    assert not shift.is_complete


def test_a_backchannel_takes_no_floor():
    words = ("A", 0, 2_000, "well"), ("B", 2_100, 2_400, "mhm"), ("A", 3_000, 6_000, "so")
    assert kinds(turn_taking(conversation(*words)), "A") == [SilenceKind.HOLD, SilenceKind.END]


def test_a_unit_wholly_inside_anothers_turn_is_left_out():
    words = ("A", 0, 9_000, "well"), ("B", 2_000, 3_500, "but I say"), ("B", 9_500, 12_000, "so")
    found = turn_taking(conversation(*words))
    assert kinds(found, "B") == [SilenceKind.END]


def test_a_long_hold_is_a_lapse_and_ends_the_turn():
    words = (
        ("A", 0, 500, "Yes."),
        ("A", 3_500, 4_000, "and"),
        ("A", 8_999, 9_500, "so"),
        ("B", 9_600, 12_000, "no"),
    )
    found = turn_taking(conversation(*words))
    assert kinds(found, "A") == [SilenceKind.LAPSE, SilenceKind.HOLD, SilenceKind.SHIFT]
    assert [turn.is_finished for turn in found.turns_of("A")] == [False, True]


def test_without_punctuation_every_silence_is_open():
    words = [Word("A", 0, 500, "Yes."), Word("A", 1_000, 1_500, "so.")]
    found = turn_taking(Conversation.of(words, is_punctuated=False))
    assert not any(silence.is_complete for silence in found.silences["A"])


def test_a_mark_before_a_closing_quote_ends_a_sentence():
    assert Word("A", 0, 1, "there.\u201d").ends_sentence
    assert not Word("A", 0, 1, "there,").ends_sentence


def test_only_the_speakers_asked_for_are_counted():
    words = ("A", 0, 2_000, "well."), ("B", 2_200, 5_000, "so"), ("A", 5_100, 7_000, "yes")
    found = turn_taking(conversation(*words))
    assert pauses_of(found, ["B"]).speech_ms == 2_800
    assert pauses_of(found, ["B"]).turn_own_ms.size == 1


words = st.builds(
    lambda speaker, start, length, text: Word(speaker, start, start + length, text),
    st.sampled_from("ABC"),
    st.integers(0, 30_000),
    st.integers(0, 3_000),
    st.sampled_from(["yes", "no.", "why?"]),
)


@given(st.lists(words, max_size=40), st.integers(0, 10_000_000))
def test_a_shift_of_the_clock_changes_no_length(found, later_ms):
    moved = [
        dataclasses.replace(w, start_ms=w.start_ms + later_ms, end_ms=w.end_ms + later_ms)
        for w in found
    ]
    here, there = (pauses_of(turn_taking(Conversation.of(each))) for each in (found, moved))
    for name in ("hold_ms", "hold_turn", "turn_is_complete", "turn_own_ms"):
        assert getattr(here, name).tolist() == getattr(there, name).tolist()


@given(st.lists(words, max_size=40))
def test_every_silence_but_holds_ends_a_turn(found):
    taking = turn_taking(Conversation.of(found))
    ends = sum(s.kind is not SilenceKind.HOLD for each in taking.silences.values() for s in each)
    assert len(taking.turns) == ends


def test_a_word_that_lies_within_a_longer_one_leaves_no_pause_behind():
    long_word = Word("A", 0, 9_000, "soooo")
    talk = Conversation.of([long_word, Word("A", 100, 300, "um"), Word("A", 8_900, 9_400, "yes")])
    assert [silence.kind for silence in turn_taking(talk).silences["A"]] == [SilenceKind.END]
