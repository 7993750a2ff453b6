"""A transcript is checked once, field by field: what cannot be true is refused with its place."""

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.turntaking import MalformedTranscriptError, transcript_of
from fermata.turntaking.transcripts import LONGEST_MS, OVERSHOOT_MS, WORD_SLACK_MS

LENGTH_S = 60.0
LENGTH_MS = 60_000
NO_TIMES = (None, True, False, "5", "", 0.5, 5.0, math.nan, math.inf, -1, 2**63, 10**400, [], {})
NO_LABELS = (True, [], {}, ["A"], "\ud800", "x" * 100_000)


def spoken(start_ms: int, *lengths_ms: int, speaker: str = "A") -> dict[str, Any]:
    words, at_ms = [], start_ms
    for length_ms in lengths_ms:
        words.append({"text": "so", "start": at_ms, "end": at_ms + length_ms, "speaker": speaker})
        at_ms += length_ms
    return {"text": "so", "start": start_ms, "end": at_ms, "speaker": speaker, "words": words}


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """A valid transcript of a minute, its utterances in any order."""
    starts = draw(st.lists(st.integers(0, LENGTH_MS - 4_000), min_size=1, max_size=8))
    lengths = st.lists(st.integers(0, 1_000), min_size=1, max_size=4)
    said = [spoken(start, *draw(lengths), speaker=draw(st.sampled_from("AB"))) for start in starts]
    return {"utterances": said, "speech_model_used": "universal", "language_code": "en"}


def timed(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything in it that has times."""
    return [each for said in answer["utterances"] for each in (said, *said["words"])]


def refusal(answer: dict[str, Any]) -> str:
    with pytest.raises(MalformedTranscriptError) as refused:
        transcript_of(answer, LENGTH_S)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@given(answers())
def test_a_valid_transcript_is_read_whole_and_in_order(answer):
    found = transcript_of(answer, LENGTH_S)
    times = [(each.start_ms, each.end_ms) for each in found.utterances]
    assert times == sorted((said["start"], said["end"]) for said in answer["utterances"])
    words = [(word.start_ms, word.end_ms) for word in found.conversation.words]
    every = (word for said in answer["utterances"] for word in said["words"])
    assert words == sorted((word["start"], word["end"]) for word in every)


@given(answers(), st.data(), st.sampled_from(["start", "end"]), st.sampled_from(NO_TIMES))
def test_one_time_that_is_none_refuses_the_transcript_with_its_place(answer, data, name, value):
    at = data.draw(st.integers(0, len(timed(answer)) - 1))
    timed(answer)[at][name] = value
    assert "utterances." in refusal(answer)


@given(answers(), st.data(), st.integers(1, LONGEST_MS))
def test_nothing_ends_before_it_starts(answer, data, earlier_ms):
    chosen = data.draw(st.sampled_from(timed(answer)))
    chosen["start"], chosen["end"] = chosen["end"] + earlier_ms, chosen["start"]
    if chosen["start"] <= LONGEST_MS:
        assert "before it starts" in refusal(answer)


@given(answers(), st.integers(1, LONGEST_MS - LENGTH_MS - OVERSHOOT_MS))
def test_nothing_is_said_after_the_recording(answer, beyond_ms):
    end_ms = LENGTH_MS + OVERSHOOT_MS + beyond_ms
    answer["utterances"].append({"start": LENGTH_MS, "end": end_ms})
    assert f"ends at {end_ms} ms, in a recording of 60 s" in refusal(answer)
    assert transcript_of(answer).utterances[-1].end_ms == end_ms


@given(answers(), st.integers(0, OVERSHOOT_MS))
def test_a_last_word_may_last_a_moment_longer_than_the_rounded_length(answer, over_ms):
    answer["utterances"].append({"start": LENGTH_MS, "end": LENGTH_MS + over_ms})
    assert transcript_of(answer, LENGTH_S).utterances[-1].end_ms == LENGTH_MS + over_ms


@given(answers(), st.integers(WORD_SLACK_MS + 1, 10_000))
def test_a_word_lies_in_its_utterance(answer, away_ms):
    said = answer["utterances"][0]
    stray = {"text": "so", "start": said["end"], "end": said["end"] + away_ms}
    said["words"].append(stray)
    if stray["end"] <= LENGTH_MS:
        assert "outside of its utterance" in refusal(answer)


@pytest.mark.parametrize("value", NO_LABELS)
@pytest.mark.parametrize("name", ["speaker", "channel", "speech_model_used", "language_code"])
def test_a_label_is_a_text_of_a_sensible_length(name, value):
    answer = {"utterances": [spoken(0, 300)]}
    holder = answer["utterances"][0]["words"][0] if name in {"speaker", "channel"} else answer
    holder[name] = value
    assert name in refusal(answer)


@given(answers())
def test_words_alone_are_held_to_the_same(answer):
    words = [word for said in answer["utterances"] for word in said["words"]]
    alone = {"words": words}
    assert len(transcript_of(alone, LENGTH_S).conversation.words) == len(words)
    for value in NO_TIMES:
        odd = copy.deepcopy(alone)
        odd["words"][-1]["end"] = value
        assert f"words.{len(words) - 1}" in refusal(odd)
    far = {"words": [*words, {"start": 0, "end": LENGTH_MS + OVERSHOOT_MS + 1}]}
    assert "in a recording of 60 s" in refusal(far)


def test_the_reason_is_about_the_transcript_and_not_about_the_services_address():
    odd = json.loads('{"utterances": [{"start": Infinity, "end": 5}]}')
    assert "utterances.0.start" in refusal(odd)
    assert "address" not in refusal(odd)
