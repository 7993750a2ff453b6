"""How sessions end: every close code of the service, natural or asked for, none left open."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from unittest.mock import ANY

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from fermata.errors import UsageError
from fermata.localserver import parse_fault
from fermata.localserver.streaming.effects import MALFORMED_JSON, UNKNOWN_MESSAGE
from tests.unit.localserver_streaming.stream_client import (
    FRAME_BYTES,
    SILENCE,
    TIMEOUT_S,
    begin,
    finish,
    next_frame,
    pcm,
    rest,
    say,
    send,
    session,
    transcribe,
    until,
)

SEEN = "See Error message for details"
CANCELLED = "Session Cancelled: An error occurred"


def go_away(connection):
    """What the death of a client looks like from afar."""
    connection.socket.shutdown(socket.SHUT_RDWR)


def error_and_close(connection):
    """The Error frame before the close, which must be the last frame, and the close itself."""
    frames = rest(connection)
    assert [frame["type"] for frame in frames].count("Error") == 1
    assert frames[-1]["type"] == "Error"
    assert not any(frame["type"] == "Termination" for frame in frames)
    assert frames[-1]["error_code"] == connection.close_code
    assert connection.close_reason == SEEN
    return frames[-1]["error_code"], frames[-1]["error"]


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


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (1008, "Unauthorized Connection: Insufficient balance"),
        (1011, None),
        (3005, CANCELLED),
        (3009, "Unauthorized Connection: Too many concurrent sessions"),
        (4001, None),
    ],
)
@pytest.mark.parametrize("place", ["ws-begin", "ws-message", "ws-finish"])
def test_any_code_can_be_asked_for_anywhere(start_server, place, code, text):
    server = start_server(f"{place}:close={code},at_s=1" + (f",text={text}" if text else ""))
    with session(server) as connection:
        if place != "ws-begin":
            begin(connection)
            with suppress(ConnectionClosed):
                send(connection, SILENCE * 30)
                say(connection, "Terminate")
        if text:
            assert error_and_close(connection) == (code, text)
        else:
            assert not any(frame["type"] == "Termination" for frame in rest(connection))
            assert connection.close_code == code
    assert server.store.streams.open_sessions == 0


def test_a_drop_in_mid_session_comes_after_the_audio_named(start_server, known_talk, talk):
    server = start_server("ws-message:connection=drop,at_s=1.5", references=known_talk)
    with session(server) as connection:
        begin(connection)
        send(connection, pcm(talk)[: FRAME_BYTES * 29])
        assert [next_frame(connection)["type"] for _ in range(2)] == ["SpeechStarted", "Turn"]
        send(connection, SILENCE)
        assert rest(connection) == []
        assert connection.close_code == 1006
    (record,) = server.store.streams.sessions
    assert (record.close_code, record.is_open, record.audio_s) == (1006, False, 1.5)


@pytest.mark.parametrize("place", ["ws-begin", "ws-message", "ws-finish"])
def test_a_stalled_server_says_nothing_more_until_the_client_goes_away(start_server, place):
    server = start_server(f"{place}:connection=stall")
    with session(server) as connection:
        if place != "ws-begin":
            begin(connection)
            send(connection, SILENCE)
            say(connection, "Terminate")
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.2)
        go_away(connection)
    until(lambda: server.store.streams.open_sessions == 0)


def test_a_stalled_server_takes_no_more_audio(start_server):
    server = start_server("ws-message:connection=stall,for_s=4")
    with session(server) as connection:
        begin(connection)
        sent = []

        def pour():
            with suppress(ConnectionClosed):
                while True:
                    connection.send(bytes(32_000))
                    sent.append(1)

        with ThreadPoolExecutor(1) as pool:
            pouring = pool.submit(pour)
            until(lambda: sent and len(sent) == (time.sleep(0.2) or len(sent)))
            assert not pouring.done()
            go_away(connection)
    assert server.store.streams.sessions[0].audio_bytes < 32_000 * len(sent)
    until(lambda: server.store.streams.open_sessions == 0)


def test_begin_can_be_withheld(start_server):
    server = start_server("ws-begin:message=none,times=1")
    with session(server) as connection:
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.2)
        until(lambda: server.store.streams.open_sessions == 1)
    until(lambda: server.store.streams.open_sessions == 0)
    with session(server) as connection:
        begin(connection)


def test_termination_can_be_withheld(start_server, known_talk, talk):
    server = start_server("ws-finish:message=none", references=known_talk)
    with session(server) as connection:
        begin(connection)
        send(connection, pcm(talk))
        say(connection, "Terminate")
        turns = [next_frame(connection) for _ in range(7)]
        assert turns[-1]["transcript"] == "Sure."
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.2)
    until(lambda: server.store.streams.open_sessions == 0)


@pytest.mark.parametrize(
    ("kind", "text"), [("malformed", MALFORMED_JSON), ("unknown", UNKNOWN_MESSAGE)]
)
def test_strange_messages_can_come_in_between(start_server, kind, text):
    server = start_server(f"ws-message:message={kind},at_s=0.1")
    with session(server) as connection:
        begin(connection)
        send(connection, SILENCE * 4)
        assert connection.recv(timeout=TIMEOUT_S) == text
        assert [frame["type"] for frame in finish(connection)] == ["Termination"]


def test_the_upgrade_itself_can_be_refused(start_server):
    server = start_server("ws-connect:status=429,times=1")
    with pytest.raises(InvalidStatus) as refused, session(server):
        pass
    assert refused.value.response.status_code == 429
    with session(server) as connection:
        begin(connection)


def test_the_connection_can_be_lost_before_the_upgrade(start_server):
    server = start_server("ws-connect:connection=drop,times=1")
    with pytest.raises((ConnectionError, InvalidMessage)), session(server):
        pass
    with session(server) as connection:
        begin(connection)


def test_answers_of_the_model_can_be_withheld(start_server, known_talk, talk):
    server = start_server("llm:message=none,after=1", references=known_talk)
    question = '{"model":"m","messages":[{"role":"user","content":"{{turn}}"}]}'
    frames = transcribe(server, pcm(talk), llm_gateway=question)
    answered = [one["turn_order"] for one in frames if one["type"] == "LLMGatewayResponse"]
    assert answered == [0]


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


@pytest.mark.parametrize(
    "wrong",
    [
        "ws-message:close=x",
        "ws-begin:connection=melt",
        "ws-finish:message=poem",
        "submit:close=3005",
        "ws-message:status=500",
    ],
)
def test_faults_that_mean_nothing_are_refused(wrong):
    with pytest.raises(UsageError, match="fault"):
        parse_fault(wrong)
