"""All gates speak, in one order, whatever the order of the calls; and facts survive a table."""

import random

from hypothesis import given
from hypothesis import strategies as st
from quality_calls import facts, facts_from, source, spoken, taking_turns

from fermata.quality import (
    QUALITY,
    Gate,
    GateVerdict,
    examine,
    facts_in,
    facts_of,
    quality_frame,
)
from fermata.quality.bounds import rate_bounds, share_bounds
from fermata.storage import Storage
from fermata.tables import read_arrow, write_batch
from fermata.turntaking import turn_taking


def test_every_gate_speaks_in_order():
    assert [each.gate for each in examine([facts()], None)] == list(Gate)


def test_every_gate_says_one_line_of_what_it_saw_and_what_to_do():
    for calls in ([], [facts()], [facts(speech_ms=0, span_ms=0, pieces=0)]):
        for each in examine(calls, None):
            assert each.saw
            assert each.do
            assert "\n" not in each.saw + each.do


def test_without_calls_nothing_passes():
    assert not any(each.verdict is GateVerdict.PASS for each in examine([], None))


@given(seed=st.integers(0, 1_000))
def test_the_order_of_the_calls_changes_nothing(seed):
    calls = [
        facts(f"r{i}", swaps=i, pauses_from_200_ms=10 * i, options_hash=f"o{i % 2}")
        for i in range(12)
    ]
    shuffled = random.Random(seed).sample(calls, len(calls))
    assert examine(shuffled, None) == examine(calls, None)


@given(shift_ms=st.integers(0, 10**7))
def test_silence_before_the_first_word_makes_no_difference(shift_ms):
    words = taking_turns(turns=20)
    moved = [(who, start + shift_ms, end + shift_ms) for who, start, end in words]
    assert facts_from(spoken(*moved)) == facts_from(spoken(*words))


def test_facts_survive_the_table(tmp_path):
    storage = Storage(str(tmp_path))
    calls = [facts("a", clock_offset_ms=-2_000), facts("b", speech_model=None, channels=None)]
    write_batch(storage, QUALITY, "batch", quality_frame(calls))
    assert list(facts_in(read_arrow(storage, QUALITY))) == calls


def test_facts_keep_where_a_call_comes_from():
    conversation = spoken(*taking_turns())
    found = facts_of(conversation, turn_taking(conversation), source("x", group="sales"))
    assert (found.recording_id, found.group, found.name) == ("x", "sales", "support/x.wav")


def test_bounds_hold_the_published_values():
    # Exact Poisson limits of 10 events: 4.80 and 18.39; Wilson's of 10 in 100: 5.5 and 17.4 %.
    assert [round(each, 1) for each in rate_bounds(10, 1.0)] == [4.8, 18.4]
    assert [round(each, 3) for each in share_bounds(10, 100)] == [0.055, 0.174]


def test_bounds_of_nothing_are_open():
    assert rate_bounds(0, 2.0)[0] == 0.0
    assert 1.5 < rate_bounds(0, 2.0)[1] < 2.0
    assert share_bounds(0, 0) == (0.0, 1.0)
