"""Reading utterances from a transcript, whatever shape it is in."""

from types import MappingProxyType

import pytest
from hypothesis import given

from fermata.errors import FermataError
from fermata.turntaking import MalformedTranscriptError, Utterance, utterances_of
from tests.strategies import transcripts


@pytest.mark.parametrize("transcript", [{}, {"utterances": None}, {"utterances": []}])
def test_missing_null_and_empty_utterances_are_none_at_all(transcript):
    assert utterances_of(transcript) == ()


def test_one_utterance_is_read_with_its_times_and_speaker():
    transcript = {"utterances": [{"speaker": "A", "start": 120, "end": 900, "text": "Hello."}]}
    assert utterances_of(transcript) == (Utterance("A", 120, 900),)


@pytest.mark.parametrize("speaker", [{}, {"speaker": None}])
def test_a_missing_speaker_is_none(speaker):
    assert utterances_of({"utterances": [{"start": 0, "end": 1, **speaker}]})[0].speaker is None


def test_a_channel_number_is_a_speaker_too():
    assert utterances_of({"utterances": [{"start": 0, "end": 1, "speaker": 2}]})[0].speaker == "2"


def test_any_mapping_will_do():
    assert utterances_of(MappingProxyType({"utterances": [{"start": 0, "end": 1}]}))


def test_utterances_out_of_order_are_sorted_by_start_then_end():
    times = [(500, 900), (0, 400), (500, 600), (100, 200)]
    transcript = {"utterances": [{"start": start, "end": end} for start, end in times]}
    assert [(u.start_ms, u.end_ms) for u in utterances_of(transcript)] == sorted(times)


def test_equal_times_keep_the_order_of_the_transcript():
    transcript = {"utterances": [{"start": 0, "end": 5, "speaker": who} for who in "BCA"]}
    assert [u.speaker for u in utterances_of(transcript)] == ["B", "C", "A"]


@given(transcripts)
def test_every_utterance_is_kept_once(transcript):
    found = utterances_of(transcript)
    key = sorted((u.start_ms, u.end_ms, u.speaker or "") for u in found)
    wire = transcript["utterances"]
    assert key == sorted((u["start"], u["end"], u.get("speaker") or "") for u in wire)


@pytest.mark.parametrize(
    ("transcript", "named"),
    [
        ([], "should be an object"),
        (None, "should be an object"),
        ({"utterances": {}}, "utterances"),
        ({"utterances": ["hello"]}, "utterances.0: should be an object"),
        ({"utterances": [{"start": 0, "end": 1}, {"end": 1}]}, "utterances.1.start"),
        ({"utterances": [{"start": 0, "end": None}]}, "utterances.0.end"),
        ({"utterances": [{"start": -1, "end": 1}]}, "utterances.0.start"),
        ({"utterances": [{"start": 0.25, "end": 1.5}]}, "valid integer"),
        ({"utterances": [{"start": 0, "end": float("nan")}]}, "utterances.0.end"),
        ({"utterances": [{"start": 9, "end": 3}]}, "ends at 3 ms, before it starts at 9 ms"),
    ],
)
def test_a_malformed_transcript_is_refused_in_one_clear_line(transcript, named):
    with pytest.raises(MalformedTranscriptError) as refused:
        utterances_of(transcript)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, FermataError)
