"""Which pauses are shown to decide between two settings, with what was said."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.explain import Effect, deciding_pauses, words_around
from fermata.explain.pauses import MAX_PER_EFFECT, MAX_PER_RECORDING
from fermata.replay import Rule
from fermata.thresholds import Policy
from fermata.turntaking import Conversation, Word

PRESENT, NEW = Policy(400, 1_280), Policy(800, 2_000)


def silences(*rows):
    columns = ("recording_id", "start_ms", "own_ms", "is_complete")
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(options_hash="o", group="g", speaker="A", kind="hold")


@pytest.mark.parametrize(
    ("hold_ms", "is_complete", "effect"),
    [
        (399, True, None),
        (400, True, Effect.SPARED),
        (799, True, Effect.SPARED),
        (800, True, None),
        (1_279, False, None),
        (1_280, False, Effect.SPARED),
        (2_000, False, Effect.STILL_CUT),
    ],
)
def test_a_pause_decides_where_its_length_lies_between_the_thresholds(hold_ms, is_complete, effect):
    found = deciding_pauses(
        silences(("r", 0, hold_ms, is_complete)), PRESENT, NEW, Rule.PUNCTUATION
    )
    assert [each.effect for each in found] == ([effect] if effect else [])


def test_a_quicker_setting_cuts_anew():
    (found,) = deciding_pauses(silences(("r", 7, 500, True)), NEW, PRESENT, Rule.PUNCTUATION)
    assert (found.effect, found.start_ms, found.hold_ms) == (Effect.CUT_ANEW, 7, 500)


def test_without_punctuation_only_the_maximum_counts():
    rows = silences(("r", 0, 500, True), ("r", 9, 1_500, True))
    found = deciding_pauses(rows, PRESENT, NEW, Rule.SILENCE)
    assert [each.hold_ms for each in found] == [1_500]


def test_shifts_and_lapses_decide_nothing():
    rows = silences(("r", 0, 500, True)).assign(kind="lapse")
    assert deciding_pauses(rows, PRESENT, NEW, Rule.PUNCTUATION) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"),
            st.integers(0, 10**6),
            st.integers(100, 5_000),
            st.booleans(),
        ),
        max_size=80,
    )
)
def test_no_list_is_longer_than_a_person_listens_and_no_talker_fills_it(rows):
    found = deciding_pauses(silences(*rows), PRESENT, NEW, Rule.PUNCTUATION)
    for effect in Effect:
        of_kind = [each.recording_id for each in found if each.effect is effect]
        assert len(of_kind) <= MAX_PER_EFFECT
        assert all(of_kind.count(each) <= MAX_PER_RECORDING for each in of_kind)


def test_the_words_on_both_sides_are_those_of_the_speaker_alone():
    conversation = Conversation.of(
        [
            Word("A", 0, 300, "my"),
            Word("A", 300, 600, "number"),
            Word("B", 700, 800, "yes"),
            Word("A", 1_500, 1_700, "is"),
        ]
    )
    spoken = words_around(conversation, "A", 600)
    assert (spoken.before, spoken.after) == ("my number", "is")


def test_a_speaker_who_says_nothing_more_leaves_nothing_after():
    spoken = words_around(Conversation.of([Word("A", 0, 300, "bye")]), "A", 300)
    assert (spoken.before, spoken.after) == ("bye", "")
