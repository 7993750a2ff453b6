"""What a session of Gladia's live API says."""

import base64
import json

import pytest

from tests.unit.localserver_streaming.gladia_client import (
    CHUNK_BYTES,
    EVERYTHING,
    init,
    live,
    of,
    opened,
    stop,
    texts,
)
from tests.unit.localserver_streaming.stream_client import (
    noise,
    pcm,
    spoken,
    write_reference,
)


def test_utterances_end_by_silence_alone(server, talk):
    _, messages = live(server, pcm(talk), endpointing=0.3)
    assert texts(messages) == [
        ("00-00000000", "Good morning, everybody."),
        ("00-00000001", "I would like to"),
        ("00-00000002", "have some tea."),
        ("00-00000003", "Sure."),
    ]
    _, patient = live(server, pcm(talk), endpointing=0.8)
    assert [text for _, text in texts(patient)] == [
        "Good morning, everybody. I would like to have some tea.",
        "Sure.",
    ]


def test_without_further_words_a_session_gets_finals_acks_speech_and_post_messages(server, talk):
    _, messages = live(server, pcm(talk))
    assert {message["type"] for message in messages} == {
        "audio_chunk",
        "speech_start",
        "speech_end",
        "transcript",
        "stop_recording",
        "post_transcript",
        "post_final_transcript",
    }
    assert all(message["data"]["is_final"] for message in of(messages, "transcript"))


def test_partials_share_the_id_of_their_final(server, talk):
    _, messages = live(server, pcm(talk), endpointing=0.3, messages_config=EVERYTHING)
    first = [one["data"] for one in of(messages, "transcript")][:4]
    assert {one["id"] for one in first} == {"00-00000000"}
    assert [one["is_final"] for one in first] == [False] * 4
    assert first[0]["utterance"]["text"] == "Good"


def test_times_are_in_seconds_and_speech_is_told(server, talk):
    _, messages = live(server, pcm(talk), endpointing=0.3)
    starts = [message["data"]["time"] for message in of(messages, "speech_start")]
    ends = [message["data"]["time"] for message in of(messages, "speech_end")]
    assert starts == [0.5, 1.6, 2.9, 4.5]
    assert ends == [1.1, 2.4, 3.5, 4.7]
    word = of(messages, "transcript")[0]["data"]["utterance"]["words"][0]
    assert (word["start"], word["end"]) == (0.5, 0.7)


def test_the_lifecycle_is_told_in_order(server, talk):
    session_id, messages = live(server, pcm(talk), messages_config=EVERYTHING)
    order = [one["type"] for one in messages if one["type"].endswith(("session", "recording"))]
    assert order == [
        "start_session",
        "start_recording",
        "stop_recording",
        "end_recording",
        "end_session",
    ]
    assert messages[-1]["type"] == "end_session"
    assert {message["session_id"] for message in messages} == {session_id}
    assert of(messages, "end_recording")[0]["data"] == {"recording_duration": 6.0}


def test_acks_name_the_bytes_and_seconds_received(server):
    _, messages = live(server, bytes(CHUNK_BYTES * 2))
    acks = [message["data"] for message in of(messages, "audio_chunk")]
    assert [ack["byte_range"] for ack in acks] == [[0, 3200], [3200, 6400]]
    assert [ack["time_range"] for ack in acks] == [[0, 0.1], [0.1, 0.2]]


def test_audio_may_come_as_base64(server, talk):
    begun = init(server, endpointing=0.3).json()
    audio = pcm(talk)
    with opened(begun["url"]) as connection:
        for start in range(0, len(audio), CHUNK_BYTES):
            chunk = base64.b64encode(audio[start : start + CHUNK_BYTES]).decode()
            connection.send(json.dumps({"type": "audio_chunk", "data": {"chunk": chunk}}))
        assert len(texts(stop(connection))) == 4


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('{"type":"audio_chunk","data":{"chunk":"§"}}', "audio_chunk"),
        ('{"type":"audio_chunk"}', "audio_chunk"),
        ("{half", "error"),
        ('{"type":"dance"}', "error"),
    ],
)
def test_what_cannot_be_understood_is_told_and_the_session_goes_on(server, said, kind):
    with opened(init(server).json()["url"]) as connection:
        connection.send(said)
        first, *_ = stop(connection)
        assert connection.close_code == 1000
    assert first["type"] == kind
    assert first.get("acknowledged", False) is False


def test_channels_are_heard_one_by_one(start_server, tmp_path):
    audio = noise(2000, channels=2, seed=9)
    write_reference(
        tmp_path / "references",
        audio,
        spoken("Hello.", 200, channel="1", speaker="1"),
        spoken("Good evening.", 800, channel="2", speaker="2"),
    )
    server = start_server(references=tmp_path / "references")
    _, messages = live(server, audio.T.astype("<i2").tobytes(), channels=2)
    assert texts(messages) == [("00-00000000", "Hello."), ("01-00000000", "Good evening.")]
    final = of(messages, "post_final_transcript")[0]["data"]
    assert final["metadata"]["number_of_distinct_channels"] == 2
    assert final["metadata"]["billing_time"] == 4.0
    assert final["transcription"]["full_transcript"] == "Hello. Good evening."


def test_a_summary_is_made_if_asked(server, talk):
    _, messages = live(server, pcm(talk), post_processing={"summarization": True})
    summary = of(messages, "post_summarization")[0]["data"]["results"]
    assert summary.startswith("11 words: “Good morning, everybody.")
