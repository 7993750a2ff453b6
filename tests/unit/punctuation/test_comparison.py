"""Silence by silence: matched by the last word's end, left out where nothing can be known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.punctuation.comparison import Tally, compare, measuring_parameters
from fermata.punctuation.heard import HeardChannel, HeardWord
from fermata.punctuation.models import LeftOut
from fermata.punctuation.silences import BatchSilence, UnfitTranscriptError, batch_silences

PARAMETERS = measuring_parameters("u3-rt-pro")
END = HeardWord("end.", 60_000, ends_turn=True, ends_session=True)


def silence(start_ms=1_000, quiet_ms=600, word="yes.", *, complete=True):
    return BatchSilence(0, start_ms, quiet_ms, word, complete)


def heard(*words, holes=(), until_ms=60_000.0):
    return HeardChannel(tuple(sorted((*words, END), key=lambda word: word.end_ms)), holes, until_ms)


def only(verdicts):
    """The one thing that came of one silence."""
    ((reason, count),) = verdicts.left_out.items()
    assert count == 1
    assert verdicts.complete == verdicts.open == Tally()
    return reason


@pytest.mark.parametrize(
    ("complete", "ends_turn", "complete_tally", "open_tally"),
    [
        (True, True, Tally(1, 0), Tally()),
        (True, False, Tally(1, 1), Tally()),
        (False, True, Tally(), Tally(1, 1)),
        (False, False, Tally(), Tally(1, 0)),
    ],
)
def test_a_turn_that_ends_at_a_silence_is_the_verdict_complete(
    complete, ends_turn, complete_tally, open_tally
):
    word = HeardWord("yes", 1_100, ends_turn=ends_turn)
    found = compare([silence(complete=complete)], [heard(word)], PARAMETERS)
    assert (found.complete, found.open) == (complete_tally, open_tally)
    assert not found.left_out


def test_the_same_word_is_taken_rather_than_a_nearer_one():
    words = (HeardWord("oh", 990, ends_turn=False), HeardWord("Yes.", 1_250, ends_turn=True))
    assert compare([silence()], [heard(*words)], PARAMETERS).complete == Tally(1, 0)


def test_without_the_same_word_the_nearest_end_counts():
    words = (HeardWord("oh", 800, ends_turn=True), HeardWord("yeah", 1_050, ends_turn=False))
    assert compare([silence()], [heard(*words)], PARAMETERS).complete == Tally(1, 1)


def test_a_silence_that_is_too_short_is_passed_over():
    found = compare([silence(quiet_ms=399)], [heard(HeardWord("yes", 1_000))], PARAMETERS)
    assert (found.complete, found.open, found.left_out) == (Tally(), Tally(), {})


@pytest.mark.parametrize(
    ("channel", "reason"),
    [
        (heard(HeardWord("yes", 1_301)), LeftOut.NO_WORD),
        (heard(HeardWord("yes", 1_000), until_ms=1_399.0), LeftOut.NOT_STREAMED),
        (heard(HeardWord("yes", 1_000), holes=((900, 950),)), LeftOut.LOST),
        (heard(HeardWord("yes", 1_000, was_cut=True)), LeftOut.LOST),
        (heard(HeardWord("yes", 1_000, ends_turn=True, ends_session=True)), LeftOut.LAST_WORD),
    ],
)
def test_what_the_streaming_side_cannot_have_seen_is_left_out(channel, reason):
    assert only(compare([silence()], [channel], PARAMETERS)) is reason


def test_a_silence_as_long_as_the_maximum_tells_nothing():
    word = HeardWord("yes", 1_000, ends_turn=True)
    found = compare([silence(quiet_ms=10_000)], [heard(word)], PARAMETERS)
    assert only(found) is LeftOut.TOO_LONG


@given(
    ends=st.lists(st.integers(1_000, 50_000), min_size=1, max_size=20, unique=True),
    shift_ms=st.integers(-300, 300),
    data=st.data(),
)
def test_a_shifted_clock_within_the_tolerance_changes_nothing(ends, shift_ms, data):
    marks = [data.draw(st.booleans()) for _ in ends]
    silences = [
        silence(end, word=f"w{end}", complete=mark) for end, mark in zip(ends, marks, strict=True)
    ]
    words = [
        HeardWord(f"w{end}", end + shift_ms, ends_turn=mark)
        for end, mark in zip(ends, marks, strict=True)
    ]
    found = compare(silences, [heard(*words)], PARAMETERS)
    assert found.complete == Tally(sum(marks), 0)
    assert found.open == Tally(len(marks) - sum(marks), 0)


def test_a_model_without_a_documented_rule_is_refused():
    with pytest.raises(UsageError, match="not documented"):
        measuring_parameters("whisper-rt")


def words_of(*rows, **common):
    words = [
        {"text": text, "start": start, "end": end, "speaker": speaker} | common
        for speaker, start, end, text in rows
    ]
    return {"utterances": [{**word, "words": [word]} for word in words]}


def test_on_one_channel_a_silence_lasts_until_anybody_speaks():
    transcript = words_of(
        ("A", 0, 1_000, "hello."), ("B", 1_200, 2_000, "well"), ("A", 4_000, 5_000, "so.")
    )
    found = [(each.start_ms, each.quiet_ms) for each in batch_silences(transcript, 1)]
    assert found == [(1_000, 200), (2_000, 2_000), (5_000, None)]


def test_a_silence_that_begins_while_another_speaks_is_no_silence_of_the_channel():
    transcript = words_of(
        ("A", 0, 1_000, "hello."), ("B", 900, 3_000, "well."), ("A", 4_000, 5_000, "so.")
    )
    assert 1_000 not in [each.start_ms for each in batch_silences(transcript, 1)]


def test_on_two_channels_each_has_its_own_silences():
    mine = words_of(("1", 0, 1_000, "hello."), ("1", 4_000, 5_000, "so."), channel="1")
    yours = words_of(("2", 1_200, 3_900, "well."), channel="2")
    both = {"utterances": [*mine["utterances"], *yours["utterances"]]}
    found = [(each.channel, each.start_ms, each.quiet_ms) for each in batch_silences(both, 2)]
    assert found == [(0, 1_000, 3_000), (1, 3_900, None), (0, 5_000, None)]


@pytest.mark.parametrize(
    ("transcript", "channels", "why"),
    [
        (words_of(("A", 0, 1_000, "hello")), 1, "without punctuation"),
        (words_of(("A", 0, 1_000, "hello.")), 2, "several channels"),
    ],
)
def test_a_transcript_that_cannot_be_compared_says_why(transcript, channels, why):
    with pytest.raises(UnfitTranscriptError, match=why):
        batch_silences(transcript, channels)
