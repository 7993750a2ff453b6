"""How sessions end: every close code of the service, none left open."""

import time
from unittest.mock import ANY

import pytest

from tests.unit.localserver_streaming.stream_client import (
    FRAME_BYTES,
    SILENCE,
    begin,
    error_and_close,
    finish,
    pcm,
    rest,
    say,
    send,
    session,
    until,
)


def test_a_terminated_session_says_how_long_it_was_and_closes_with_1000(server, talk):
    with session(server) as connection:
        session_id = begin(connection)["id"]
        send(connection, pcm(talk)[: FRAME_BYTES * 25])
        last = finish(connection)[-1]
        assert (connection.close_code, connection.close_reason) == (1000, "Session Ended")
    record = server.store.streams.records[session_id]
    assert last == {
        "type": "Termination",
        "audio_duration_seconds": 2,
        "session_duration_seconds": ANY,
    }
    # A second may begin between the message and the close.
    assert 1 <= last["session_duration_seconds"] <= record.billed_s
    assert record.finished
    assert not record.is_open


@pytest.mark.parametrize(
    ("key", "token", "text"),
    [
        (None, None, "Unauthorized Connection: Missing Authorization header"),
        ("Bearer some-key", None, "Unauthorized Connection: Invalid API key"),
        (None, "no-such-token", "Unauthorized Connection: Invalid API key"),
    ],
)
def test_the_upgrade_succeeds_and_a_wrong_key_is_told_in_an_error_frame(server, key, token, text):
    query = {} if token is None else {"token": token}
    with session(server, key=key, **query) as connection:
        assert error_and_close(connection) == (1008, text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (1008, "Unauthorized connection: Too many concurrent sessions"),
        (3009, "Unauthorized Connection: Too many concurrent sessions"),
    ],
)
def test_one_session_too_many_is_refused_with_either_code(start_server, code, text):
    server = start_server(max_sessions=1, too_many_sessions_code=code)
    with session(server) as first:
        begin(first)
        with session(server) as second:
            assert error_and_close(second) == (code, text)
        finish(first)
    with session(server) as third:
        begin(third)


def test_a_message_over_128_kb_closes_with_1009(server):
    with session(server) as connection:
        begin(connection)
        connection.send(bytes(128 * 1024 + 1))
        assert rest(connection) == []
        assert connection.close_code == 1009


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ('{"type":"terminate_session"}', "Invalid Message Type: terminate_session"),
        ('{"kind":"Terminate"}', "Invalid Message Type: None"),
        ("[]", "Invalid Message: []"),
        ("{half", "User Input Validation Error: Invalid JSON: "),
        (
            '{"type":"UpdateConfiguration","min_turn_silence":"long"}',
            "User Input Validation Error: Invalid 'min_turn_silence': ",
        ),
    ],
)
def test_what_the_server_cannot_understand_closes_with_3006(server, said, text):
    with session(server) as connection:
        begin(connection)
        connection.send(said)
        code, told = error_and_close(connection)
    assert code == 3006
    assert told.startswith(text)


def test_twenty_ms_messages_are_refused_after_a_second(server):
    with session(server) as connection:
        begin(connection)
        send(connection, bytes(640 * 50), frame_bytes=640)
        code, text = error_and_close(connection)
    assert code == 3007
    assert text == (
        "Input Duration Error: Input Duration Violation: 20.0 ms. Expected between 50 and 1000 ms"
    )


def test_a_message_of_1200_ms_is_refused_at_once_and_one_of_1000_is_fine(server):
    with session(server) as connection:
        begin(connection)
        connection.send(bytes(32_000))
        connection.send(bytes(38_400))
        code, text = error_and_close(connection)
    assert code == 3007
    assert "1200.0 ms" in text


def test_audio_too_far_ahead_of_the_clock_closes_with_3007(start_server):
    server = start_server(audio_ahead_s=2)
    with session(server) as connection:
        begin(connection)
        send(connection, SILENCE * 60)
        code, text = error_and_close(connection)
    assert code == 3007
    assert text.startswith("Audio Transmission Rate Exceeded: Received 2.")


def test_a_session_that_lasts_too_long_closes_with_3008(start_server):
    server = start_server(max_session_s=60, clock_speed=200)
    asked_s = time.time()
    with session(server) as connection:
        opened_s = time.time()
        # Whole seconds, reckoned before the client has heard of them.
        assert asked_s + 59 <= begin(connection)["expires_at"] <= opened_s + 61
        assert error_and_close(connection) == (
            3008,
            "Session Expired: Maximum session duration exceeded",
        )


def test_a_client_that_says_nothing_is_closed_with_3006_if_it_asked_for_that(start_server):
    server = start_server(clock_speed=20)
    with session(server, inactivity_timeout=5) as connection:
        begin(connection)
        assert error_and_close(connection) == (
            3006,
            "Session terminated due to inactivity: No messages received for 5 seconds",
        )


def test_keep_alive_keeps_a_silent_session_open(start_server):
    server = start_server(clock_speed=20)
    with session(server, inactivity_timeout=50) as connection:
        begin(connection)
        started_s = time.monotonic()
        while time.monotonic() - started_s < 3:
            say(connection, "KeepAlive")
            time.sleep(0.05)
        assert [frame["type"] for frame in finish(connection)] == ["Termination"]


def test_a_client_that_goes_away_leaves_no_session_open(server):
    with session(server) as connection:
        session_id = begin(connection)["id"]
        record = server.store.streams.records[session_id]
        assert record.is_open
    until(lambda: not record.is_open)
    assert record.close_code == 1000
    assert not record.finished


def test_a_server_that_stops_closes_its_sessions(start_server):
    server = start_server()
    with session(server) as connection:
        begin(connection)
        server.__exit__(None, None, None)
        assert rest(connection) == []
    assert server.store.streams.open_sessions == 0
    server.__enter__()
