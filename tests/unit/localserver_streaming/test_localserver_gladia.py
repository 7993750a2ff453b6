"""Gladia's live API: how sessions begin, what they say, how they go on and how they end."""

import base64
import hashlib
import json
import time
from contextlib import contextmanager

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.unit.localserver_streaming.stream_client import (
    CLOSE_TIMEOUT_S,
    FRAME_BYTES,
    next_frame,
    noise,
    pcm,
    rest,
    send,
    spoken,
    until,
    write_reference,
)

HEADERS = {"x-gladia-key": "some-key"}
CHUNK_BYTES = 2 * FRAME_BYTES
EVERYTHING = {"receive_partial_transcripts": True, "receive_lifecycle_events": True}


def init(server, headers=HEADERS, **body):
    return requests.post(f"{server.url}/v2/live", json=body, headers=headers, timeout=60)


def get(server, path=""):
    return requests.get(f"{server.url}/v2/live{path}", headers=HEADERS, timeout=60)


@contextmanager
def opened(url):
    with connect(url, close_timeout=CLOSE_TIMEOUT_S) as connection:
        yield connection


def stop(connection):
    connection.send('{"type":"stop_recording"}')
    return rest(connection)


def live(server, audio, **body):
    """A whole session; gives back its id and all its messages."""
    begun = init(server, **body).json()
    with opened(begun["url"]) as connection:
        send(connection, audio, CHUNK_BYTES)
        messages = stop(connection)
        assert connection.close_code == 1000
    return begun["id"], messages


def send_until_lost(connection, audio):
    """Sends each chunk when the one before was acknowledged; gives back all messages."""
    messages = []
    for start in range(0, len(audio), CHUNK_BYTES):
        connection.send(audio[start : start + CHUNK_BYTES])
        while not messages or messages[-1]["type"] != "audio_chunk":
            try:
                messages.append(next_frame(connection))
            except ConnectionClosed:
                return messages
        messages.append({"type": "sent"})
    return messages


def of(messages, kind):
    return [message for message in messages if message["type"] == kind]


def texts(messages):
    finals = [one["data"] for one in of(messages, "transcript") if one["data"]["is_final"]]
    return [(one["id"], one["utterance"]["text"]) for one in finals]


def test_a_session_begins_with_an_address_of_its_own(server):
    response = init(server)
    assert response.status_code == 201
    assert response.json().keys() == {"id", "created_at", "url"}
    assert response.json()["url"].startswith(f"{server.websocket_url}/v2/live?token=")


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


def test_a_lost_connection_goes_on_at_the_same_address(start_server, known_talk, talk):
    server = start_server("ws-message:connection=drop,at_s=3,times=1", references=known_talk)
    audio = pcm(talk)
    url = init(server, endpointing=0.3).json()["url"]
    with opened(url) as connection:
        before = send_until_lost(connection, audio)
        assert connection.close_code == 1006
    received = of(before, "audio_chunk")[-1]["data"]["byte_range"][1]
    assert received == 3 * 32_000 - CHUNK_BYTES
    with opened(url) as connection:
        send(connection, audio[received:], CHUNK_BYTES)
        after = stop(connection)
    assert [text for _, text in texts(before + after)] == [
        "Good morning, everybody.",
        "I would like to",
        "have some tea.",
        "Sure.",
    ]
    (record,) = server.store.streams.sessions
    assert (record.audio_bytes, record.connections, record.is_open) == (len(audio), 2, False)
    assert [(each.audio_bytes, each.audio_sha256) for each in record.by_connection] == [
        (len(part), hashlib.sha256(part).hexdigest())
        for part in (audio[:received], audio[received:])
    ]


def test_an_ended_session_lets_nobody_in(server, talk):
    begun = init(server).json()
    with opened(begun["url"]) as connection:
        stop(connection)
    for url in (begun["url"], f"{server.websocket_url}/v2/live?token=nobody"):
        with opened(url) as connection:
            assert rest(connection) == []
            assert connection.close_code == 4403


def test_a_second_connection_does_not_disturb_the_first(server):
    url = init(server).json()["url"]
    with opened(url) as first:
        with opened(url) as second:
            assert rest(second) == []
            assert second.close_code == 4403
        assert of(stop(first), "post_final_transcript")
        assert first.close_code == 1000


def test_a_client_that_closes_without_stopping_finds_its_result_later(server, talk):
    begun = init(server, endpointing=0.3).json()
    with opened(begun["url"]) as connection:
        send(connection, pcm(talk), CHUNK_BYTES)
    until(lambda: get(server, f"/{begun['id']}").json()["status"] == "done")
    result = get(server, f"/{begun['id']}").json()["result"]
    assert len(result["transcription"]["utterances"]) == 4


def test_a_session_tells_what_became_of_it(server, talk):
    begun = init(server, custom_metadata={"user": "someone"}).json()
    queued = get(server, f"/{begun['id']}").json()
    assert (queued["status"], queued["result"]) == ("queued", None)
    with opened(begun["url"]) as connection:
        send(connection, pcm(talk), CHUNK_BYTES)
        assert get(server, f"/{begun['id']}").json()["status"] == "processing"
        stop(connection)
    done = get(server, f"/{begun['id']}").json()
    assert (done["status"], done["custom_metadata"]) == ("done", {"user": "someone"})
    assert done["result"]["transcription"]["utterances"]
    assert {json.loads(one)["type"] for one in done["result"]["messages"]} >= {"transcript"}


def test_sessions_are_listed_and_deleted(start_server):
    server = start_server()
    ids = [init(server).json()["id"] for _ in range(3)]
    page = get(server, "?limit=2").json()
    assert [item["id"] for item in page["items"]] == [ids[2], ids[1]]
    last = requests.get(page["next"], headers=HEADERS, timeout=60).json()
    assert ([item["id"] for item in last["items"]], last["next"]) == ([ids[0]], None)
    assert get(server, "?status=done").json()["items"] == []
    url = f"{server.url}/v2/live/{ids[0]}"
    assert requests.delete(url, headers=HEADERS, timeout=60).status_code == 202
    assert requests.delete(url, headers=HEADERS, timeout=60).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sample_rate": 11_025}, 400),
        ({"sample_rate": "16000"}, 400),
        ({"channels": 9}, 400),
        ({"endpointing": 0}, 400),
        ({"maximum_duration_without_endpointing": 61}, 400),
        ({"callback": True}, 422),
        ({"realtime_processing": {"translation": True}}, 422),
    ],
)
def test_wrong_requests_are_told_in_gladias_shape(server, body, status):
    response = init(server, **body)
    shown = response.json()
    assert response.status_code == shown["statusCode"] == status
    assert {"timestamp", "path", "request_id", "message"} < shown.keys()
    assert ("validation_errors" in shown) == (status == 400)


def test_unknown_fields_are_ignored(server):
    assert init(server, endpoint_ing=3).status_code == 201


def test_no_key_is_a_401(server):
    response = init(server, headers={})
    assert (response.status_code, response.json()["message"]) == (401, "gladia key not found")


def test_one_session_too_many_is_a_429(start_server):
    server = start_server(max_gladia_sessions=1)
    assert init(server).status_code == 201
    assert init(server).status_code == 429


def test_faults_strike_the_beginning_of_a_session(start_server):
    server = start_server("gladia-init:status=503,times=1")
    assert init(server).json()["statusCode"] == 503
    assert init(server).status_code == 201


@pytest.mark.parametrize("place", ["ws-begin", "ws-message", "ws-finish"])
def test_any_close_code_can_be_asked_for(start_server, place):
    server = start_server(f"{place}:close=4408")
    with opened(init(server).json()["url"]) as connection:
        try:
            send(connection, bytes(CHUNK_BYTES))
            stop(connection)
        except ConnectionClosed:
            rest(connection)
        assert connection.close_code == 4408
    assert server.store.streams.open_sessions == 0


def test_finals_can_be_withheld(start_server):
    server = start_server("ws-finish:message=none")
    with opened(init(server).json()["url"]) as connection:
        connection.send('{"type":"stop_recording"}')
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.2)


def test_a_message_over_1_mib_closes_with_1009(server):
    with opened(init(server).json()["url"]) as connection:
        connection.send(bytes(2**20 + 1))
        rest(connection)
        assert connection.close_code == 1009


def test_a_connection_without_audio_is_dropped_after_half_a_minute(start_server):
    server = start_server(clock_speed=100)
    started_s = time.monotonic()
    with opened(init(server).json()["url"]) as connection:
        assert rest(connection) == []
        assert connection.close_code == 1006
    assert time.monotonic() - started_s >= 0.3


def test_a_summary_is_made_if_asked(server, talk):
    _, messages = live(server, pcm(talk), post_processing={"summarization": True})
    summary = of(messages, "post_summarization")[0]["data"]["results"]
    assert summary.startswith("11 words: “Good morning, everybody.")
