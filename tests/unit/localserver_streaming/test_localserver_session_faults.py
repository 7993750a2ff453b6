"""Faults of a session that can be asked for: close codes, drops, stalls, messages withheld."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from fermata.errors import UsageError
from fermata.localserver import parse_fault
from fermata.localserver.streaming.effects import MALFORMED_JSON, SOME_BYTES, UNKNOWN_MESSAGE
from tests.unit.localserver_streaming.stream_client import (
    FRAME_BYTES,
    SILENCE,
    TIMEOUT_S,
    begin,
    error_and_close,
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

CANCELLED = "Session Cancelled: An error occurred"


def go_away(connection):
    """What the death of a client looks like from afar."""
    connection.socket.shutdown(socket.SHUT_RDWR)


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


def test_a_silent_server_takes_all_and_says_nothing_whatever_it_is_asked(start_server):
    server = start_server("ws-message:connection=silent,at_s=0.1")
    with session(server) as connection:
        begin(connection)
        send(connection, SILENCE * 20)
        say(connection, "Terminate")
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.2)
        assert connection.ping().wait(TIMEOUT_S)
    until(lambda: server.store.streams.open_sessions == 0)
    assert server.store.streams.sessions[0].audio_s == 1.0


def test_a_slow_server_works_on_all_that_it_got_before_it_ends(start_server, known_talk, talk):
    server = start_server("ws-message:slow_ms=5", references=known_talk)
    with session(server) as connection:
        begin(connection)
        send(connection, pcm(talk))
        frames = finish(connection)
    assert frames[-1]["type"] == "Termination"
    assert frames[-2]["transcript"] == "Sure."


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


def test_a_binary_message_can_come_in_between(start_server):
    server = start_server("ws-message:message=binary,at_s=0.1")
    with session(server) as connection:
        begin(connection)
        send(connection, SILENCE * 4)
        assert connection.recv(timeout=TIMEOUT_S) == SOME_BYTES
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
