"""Connections of Gladia's sessions: lost, refused, closed, and gone on with."""

import hashlib
import time

import pytest
from websockets.exceptions import ConnectionClosed

from tests.flows.seen import eventually
from tests.unit.localserver_streaming.gladia_client import (
    CHUNK_BYTES,
    init,
    of,
    opened,
    send_until_lost,
    stop,
    texts,
)
from tests.unit.localserver_streaming.stream_client import (
    pcm,
    rest,
    send,
)


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


def test_a_session_whose_connection_stands_still_is_ended_over_another_one(start_server):
    server = start_server("ws-message:connection=stall,times=1")
    url = init(server).json()["url"]
    with opened(url) as stalled:
        send(stalled, bytes(CHUNK_BYTES))
        (record,) = eventually(
            lambda: [one for one in server.store.streams.sessions if not one.is_open] or None
        )
        with opened(url) as second:
            assert of(stop(second), "post_final_transcript")
            assert second.close_code == 1000
    assert (record.finished, record.is_open, record.connections) == (True, False, 2)


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
