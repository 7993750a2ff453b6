"""Calls read back from the tables are those that the transcripts hold."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fermata.ledger import JobKey
from fermata.replay import CallPauses, pauses_of
from fermata.runs.calls import NOT_HEARD, ONE_SPEAKER, calls_of
from fermata.storage import Storage
from fermata.tables import (
    IPUS,
    SILENCES,
    TURNS,
    RecordingTurnTaking,
    turn_taking_frames,
    write_batch,
)
from fermata.turntaking import Conversation, Word, turn_taking
from fermata.turntaking.shapes import read_transcript

DATA = Path(__file__).parents[4] / "shared" / "data"
FIELDS = CallPauses.__dataclass_fields__


@st.composite
def conversations(draw):
    words = []
    for speaker in draw(st.sampled_from(["A", "AB", "ABC"])):
        end = draw(st.integers(0, 3_000))
        for _ in range(draw(st.integers(1, 12))):
            start = end + draw(st.sampled_from([0, 20, 150, 250, 900, 1_300, 2_500, 6_000]))
            end = start + draw(st.sampled_from([80, 300, 1_200]))
            words.append(Word(speaker, start, end, draw(st.sampled_from(["so", "so.", "so?"]))))
    return Conversation.of(words)


def stored(tmp_path_factory, found):
    """A data folder with the turn-taking of some recordings, over two batches."""
    storage = Storage(str(tmp_path_factory.mktemp("data")))
    rows = [RecordingTurnTaking(name, "o", "g", each) for name, each in found.items()]
    for batch, part in enumerate((rows[::2], rows[1::2])):
        frames = turn_taking_frames(part)
        for table, frame in ((IPUS, frames.ipus), (SILENCES, frames.silences)):
            write_batch(storage, table, f"b{batch}", frame)
        write_batch(storage, TURNS, f"b{batch}", frames.turns)
    return storage


def keys(names):
    return {JobKey(name, "o"): f"group of {name}" for name in names}


def assert_same(read, made):
    for name in FIELDS:
        assert np.array_equal(
            getattr(read, name), getattr(made, name), equal_nan=name.endswith("confidence")
        ), name


@settings(max_examples=25)
@given(st.lists(conversations(), min_size=1, max_size=4), st.sampled_from([None, "A", "B"]))
def test_a_call_read_back_has_the_pauses_of_its_transcript(tmp_path_factory, talks, customer):
    found = {f"r{at}": turn_taking(each) for at, each in enumerate(talks)}
    storage = stored(tmp_path_factory, found)
    read = calls_of(storage, keys(found), customer)
    speakers = {name: set(each.ipus) for name, each in found.items()}
    fit = [
        name
        for name, labels in speakers.items()
        if len(labels) > 1 and (customer is None or customer in labels)
    ]
    assert [call.call_id for call in read.calls] == [f"{name}.o" for name in fit]
    for name, call in zip(fit, read.calls, strict=True):
        chosen = None if customer is None else {customer}
        assert_same(call.pauses, pauses_of(found[name], chosen))
        assert call.group == f"group of {name}"
    assert sum(read.left_out.values()) == len(found) - len(fit)


def test_what_is_left_out_is_counted_by_reason(tmp_path_factory):
    alone = Conversation.of([Word("A", 0, 500, "hello."), Word("A", 900, 1_500, "so.")])
    others = Conversation.of([Word("C", 0, 500, "hello."), Word("D", 900, 1_500, "so.")])
    found = {"alone": turn_taking(alone), "others": turn_taking(others)}
    read = calls_of(stored(tmp_path_factory, found), keys(found), "A")
    assert read.calls == ()
    assert read.left_out == {ONE_SPEAKER: 1, NOT_HEARD: 1}


def test_a_data_folder_without_tables_holds_no_calls(tmp_path):
    assert calls_of(Storage(str(tmp_path)), keys(["r"]), None).calls == ()


@pytest.mark.parametrize("corpus", ["spjallromur", "rhapsodie"])
def test_real_conversations_come_back_as_they_were(tmp_path_factory, corpus):
    paths = sorted((DATA / corpus).glob("*.json"))[:6]
    if not paths:
        pytest.skip("the development conversations are not on this machine")
    found = {
        path.stem: turn_taking(read_transcript(json.loads(path.read_text()))) for path in paths
    }
    read = calls_of(stored(tmp_path_factory, found), keys(found), None)
    assert len(read.calls) == len(paths)
    for call in read.calls:
        assert_same(call.pauses, pauses_of(found[call.call_id.removesuffix(".o")]))
