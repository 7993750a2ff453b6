"""Speakers that are swapped, unknown or not told apart are noticed."""

import random

import pytest
from quality_calls import facts, facts_from, finding, spoken, taking_turns

from fermata.quality import GateVerdict


def in_words(turns, words_per_turn=10):
    """Turns cut into words without a breath between them."""
    for who, start, end in turns:
        length = (end - start) // words_per_turn
        for index in range(words_per_turn):
            yield who, start + index * length, start + (index + 1) * length


def swapped(words, share):
    """The same words, some of them given to the other speaker."""
    chosen = random.Random(7)
    other = {"A": "B", "B": "A"}
    return [
        (other[who] if chosen.random() < share else who, start, end) for who, start, end in words
    ]


def test_turns_without_swaps_pass():
    found = facts_from(spoken(*in_words(taking_turns())))
    assert (found.speakers, found.speaker_changes, found.swaps) == (2, 59, 0)
    assert finding("speakers", [found]).verdict is GateVerdict.PASS


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.01, GateVerdict.WARN), (0.05, GateVerdict.REFUSE)]
)
def test_words_given_to_the_other_speaker_are_noticed(share, verdict):
    words = swapped(list(in_words(taking_turns(turns=300))), share)
    found = finding("speakers", [facts_from(spoken(*words))])
    assert found.verdict is verdict
    assert "in mid-sentence without a breath" in found.saw
    assert "channel" in found.do


@pytest.mark.parametrize(
    "words",
    [
        [("A", 0, 900, "Yes."), ("B", 900, 1_200, "Oh."), ("A", 1_200, 2_000, "Well")],
        [("A", 0, 900, "so"), ("B", 1_000, 1_200, "oh."), ("A", 1_200, 2_000, "well.")],
        [("A", 0, 900, "so"), ("B", 800, 1_200, "oh."), ("A", 1_200, 2_000, "well.")],
        [("A", 0, 900, "so"), ("B", 900, 2_600, "oh."), ("A", 2_600, 3_000, "well.")],
        [("A", 0, 900, "so"), ("B", 900, 1_200, "oh."), ("C", 1_200, 2_000, "well.")],
    ],
    ids=["after a sentence", "after a breath", "in overlap", "a whole turn", "another speaker"],
)
def test_what_people_do_is_no_swap(words):
    assert facts_from(spoken(*words)).swaps == 0


def test_words_cut_out_of_a_sentence_are_a_swap():
    words = [("A", 0, 900, "so"), ("B", 900, 1_200, "I"), ("A", 1_220, 2_000, "say.")]
    assert facts_from(spoken(*words)).swaps == 1


def test_a_few_swaps_of_a_few_changes_prove_nothing():
    found = finding("speakers", [facts(speaker_changes=10, swaps=1)])
    assert found.verdict is GateVerdict.PASS


@pytest.mark.parametrize("label", ["?", "UNKNOWN", "Pending", ""])
def test_labels_that_name_nobody_are_no_speakers(label):
    found = facts_from(spoken(("A", 0, 900), (label, 1_000, 1_300), (label, 1_300, 1_500)))
    assert (found.speakers, found.unknown_words) == (1, 2)


@pytest.mark.parametrize(
    ("unknown", "verdict"),
    [(20, GateVerdict.PASS), (100, GateVerdict.WARN), (500, GateVerdict.REFUSE)],
)
def test_words_of_nobody_are_weighed(unknown, verdict):
    assert finding("speakers", [facts(unknown_words=unknown)]).verdict is verdict


@pytest.mark.parametrize(
    ("single", "verdict"), [(0, GateVerdict.PASS), (2, GateVerdict.WARN), (6, GateVerdict.REFUSE)]
)
def test_calls_with_one_speaker_are_weighed(single, verdict):
    calls = [facts(f"r{i}", speakers=1 if i < single else 2) for i in range(10)]
    assert finding("speakers", calls).verdict is verdict


def test_only_what_is_wrong_is_told():
    found = finding("speakers", [facts(unknown_words=500), facts("r2")])
    assert found.saw == "12.5 % of the words have no known speaker (support/r1.wav)"


def test_no_words_say_nothing():
    assert finding("speakers", [facts_from(spoken())]).verdict is GateVerdict.NOT_MEASURED
