"""Conversations are read from every shape in which they come, onto one clock."""

import json
from pathlib import Path

import pytest

from fermata.turntaking.shapes import (
    read_chunks,
    read_rttm,
    read_segments_with_offsets,
    read_transcript,
)
from fermata.turntaking.transcripts import UNKNOWN_SPEAKER
from fermata.turntaking.utterances import MalformedTranscriptError
from fermata.turntaking.words import Unit

DATA = Path(__file__).parents[4] / "shared" / "data"


def test_words_of_a_diarized_transcript_have_their_speakers():
    word = {"text": "Yes.", "start": 0, "end": 300, "speaker": "A"}
    found = read_transcript({"utterances": [{"start": 0, "end": 300, "words": [word]}]})
    assert [(w.speaker, w.end_ms) for w in found.words] == [("A", 300)]
    assert found.is_punctuated


def test_channels_stand_for_speakers_where_there_are_no_labels():
    words = [{"text": "yes", "start": 5, "end": 9, "channel": 2}]
    assert read_transcript({"words": words}).speakers == ("2",)


def test_words_of_nobody_are_kept():
    assert read_transcript({"words": [{"start": 5, "end": 9}]}).speakers == (UNKNOWN_SPEAKER,)


def test_a_word_that_ends_before_it_starts_is_refused():
    with pytest.raises(MalformedTranscriptError, match="before it starts"):
        read_transcript({"words": [{"start": 5, "end": 4}]})


def test_rttm_gives_segments_of_each_recording():
    found = read_rttm("SPEAKER call 1 1.5 0.25 <NA> <NA> bob <NA> <NA>\nSPKR-INFO call 1\n")
    (word,) = found["call"].words
    assert (word.speaker, word.start_ms, word.end_ms) == ("bob", 1_500, 1_750)
    assert found["call"].unit is Unit.SEGMENT


def test_a_line_that_is_not_rttm_is_named():
    with pytest.raises(MalformedTranscriptError, match="line 1 is not RTTM"):
        read_rttm("SPEAKER call 1 soon")


def test_chunks_are_read_without_relying_on_marks():
    found = read_chunks("begin_ms,end_ms,participant,utterance\n0,500,x,is it so?\n")
    assert found.unit is Unit.CHUNK
    assert not found.is_punctuated
    assert found.words[0].count == 3


def test_a_missing_column_of_chunks_is_named():
    with pytest.raises(MalformedTranscriptError, match="participant"):
        read_chunks("begin_ms,end_ms,utterance\n0,500,hi\n")


def test_segments_stand_on_the_common_clock():
    segment = {
        "channel_index": 2,
        "speaker_role": "agent",
        "offset_ms": 3_720,
        "start_ms": 1_669,
        "human_transcript": "hello there",
        "word_offsets_ms": [0, 690],
        "word_durations_ms": [450, 270],
    }
    found = read_segments_with_offsets([segment])
    assert [word.start_ms for word in found.words] == [3_720, 4_410]
    assert found.speakers_with_role(["agent"]) == ("2",)


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the development conversations are not on this machine"
)
def test_the_contact_centre_call_has_no_answer_seconds_early():
    (path,) = (DATA / "harpervalley-sample").glob("*.json")
    found = read_segments_with_offsets(json.loads(path.read_text()))
    assert set(found.roles.values()) == {"agent", "caller"}
    assert found.words[0].start_ms == 3_720
