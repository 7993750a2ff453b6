"""What was streamed feeds the next calibration: its transcript can be analysed like any."""

import json
from pathlib import Path

import pytest
from assemblyai.types import TranscriptResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from fermata.live.turns import TurnState
from fermata.sessions import SessionKeeper
from fermata.storage import Storage
from fermata.turntaking import AnalysisStatus, analyse
from tests.unit.sessions.happenings import channel_report, plan, report, turn, turns, words_of


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "data"))


def transcript_of(storage: Storage, *heard, channels=("Agent", "Caller")) -> dict:
    own = [tuple(each for each in heard if each.channel == index) for index in range(len(channels))]
    with SessionKeeper(storage, plan(channels=channels)) as keeper:
        keeper.on_end(report(*(channel_report(index, each) for index, each in enumerate(own))))
    return json.loads(storage.read(f"sessions/{keeper.session}/transcript.json"))


def test_the_gaps_between_two_channels_are_found(storage):
    found = analyse(
        transcript_of(
            storage,
            turn(0, "How are you?", start_ms=0),
            turn(0, "Fine, thanks.", channel=1, start_ms=1000),
            turn(1, "Good.", start_ms=2000),
        )
    )
    assert found.status is AnalysisStatus.ANALYSED
    assert [gap.gap_ms for gap in found.gaps] == [1000 - 850, 2000 - 1550]
    assert [(gap.previous_speaker, gap.next_speaker) for gap in found.gaps] == [
        ("1", "2"),
        ("2", "1"),
    ]


def test_what_one_speaker_says_over_several_turns_is_one_utterance(storage):
    transcript = transcript_of(
        storage,
        turn(0, "One moment.", start_ms=0),
        turn(1, "Here it is.", start_ms=3000),
        turn(0, "Thanks.", channel=1, start_ms=5000),
    )
    utterances = transcript["utterances"]
    assert [each["text"] for each in utterances] == ["One moment. Here it is.", "Thanks."]
    assert [(each["start"], each["end"]) for each in utterances] == [(0, 3850), (5000, 5250)]
    assert [len(each["words"]) for each in utterances] == [5, 1]


def test_speakers_of_one_channel_are_told_apart_inside_a_turn(storage):
    spoken = words_of("ready now", speaker="A") + words_of("yes", 1500, speaker="B")
    transcript = transcript_of(
        storage, turn(0, "Ready now? Yes.", words=spoken), channels=("Speaker 1",)
    )
    assert [each["speaker"] for each in transcript["utterances"]] == ["A", "B"]
    assert [gap.gap_ms for gap in analyse(transcript).gaps] == [1500 - 550]


def test_turns_of_nobody_known_stay_apart(storage):
    transcript = transcript_of(storage, turn(0, "One."), turn(1, "Two."), channels=("Microphone",))
    assert [each["speaker"] for each in transcript["utterances"]] == [None, None]


def test_a_turn_cut_off_by_a_drop_keeps_its_words(storage):
    transcript = transcript_of(storage, turn(0, "I was", state=TurnState.CUT))
    assert transcript["text"] == "I was"


def test_the_vendors_own_client_reads_it(storage):
    transcript = transcript_of(storage, turn(0, "Hello."), turn(0, "Hi.", channel=1, start_ms=900))
    read = TranscriptResponse.model_validate(transcript)
    assert read.utterances is not None
    assert [each.channel for each in read.utterances] == ["1", "2"]
    assert read.audio_duration == 10


@settings(max_examples=30)
@given(st.lists(turns(), max_size=6))
def test_whatever_was_heard_can_be_analysed(tmp_path_factory, heard):
    newest = {(each.channel, each.order): each for each in heard}
    transcript = transcript_of(Storage(str(tmp_path_factory.mktemp("data"))), *newest.values())
    assert analyse(transcript).total_utterances == len(transcript["utterances"])
