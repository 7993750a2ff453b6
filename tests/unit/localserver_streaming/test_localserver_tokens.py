"""Temporary tokens: how they are asked for, and what they let in."""

import pytest
import requests

from tests.unit.localserver_streaming.stream_client import begin, finish, rest, session

HEADERS = {"Authorization": "some-key"}


def ask(server, headers=HEADERS, **query):
    return requests.get(f"{server.url}/v3/token", params=query, headers=headers, timeout=60)


def test_a_token_lets_several_sessions_in(server):
    answer = ask(server, expires_in_seconds=60)
    assert answer.status_code == 200
    assert answer.json().keys() == {"token", "expires_in_seconds"}
    assert answer.json()["expires_in_seconds"] == 60
    for _ in range(2):
        with session(server, key=None, token=answer.json()["token"]) as connection:
            begin(connection)
            finish(connection)


def test_a_token_may_stand_in_the_header_as_the_sdk_sends_it(server):
    token = ask(server, expires_in_seconds=60).json()["token"]
    with session(server, key=token) as connection:
        begin(connection)


def test_an_expired_token_is_told_of(start_server):
    server = start_server(clock_speed=1000)
    token = ask(server, expires_in_seconds=1).json()["token"]
    with session(server, key=None, token=token) as connection:
        (frame,) = rest(connection)
    assert (frame["error_code"], frame["error"]) == (
        1008,
        "Unauthorized Connection: Signature has expired",
    )


def test_a_token_limits_how_long_a_session_lasts(start_server):
    server = start_server(clock_speed=100)
    query = {"expires_in_seconds": 600, "max_session_duration_seconds": 60}
    token = ask(server, **query).json()["token"]
    with session(server, key=None, token=token) as connection:
        begin(connection)
        assert rest(connection)[-1]["error_code"] == 3008


@pytest.mark.parametrize(
    ("query", "kind", "place"),
    [
        ({}, "missing", ["query", "expires_in_seconds"]),
        ({"expires_in_seconds": 601}, "less_than_equal", ["query", "expires_in_seconds"]),
        ({"expires_in_seconds": "x"}, "int_parsing", ["query", "expires_in_seconds"]),
        (
            {"expires_in_seconds": 1, "max_session_duration_seconds": 59},
            "greater_than_equal",
            ["query", "max_session_duration_seconds"],
        ),
    ],
)
def test_wrong_requests_are_answered_with_422(server, query, kind, place):
    answer = ask(server, **query)
    assert answer.status_code == 422
    (detail,) = answer.json()["detail"]
    assert (detail["type"], detail["loc"]) == (kind, place)
    assert {"msg", "input"} < detail.keys()


def test_a_missing_header_is_a_422_and_bearer_is_fine(server):
    missing = ask(server, headers={}, expires_in_seconds=1)
    assert missing.status_code == 422
    assert missing.json()["detail"][0]["loc"] == ["header", "authorization"]
    assert ask(server, headers={"Authorization": "Bearer k"}, expires_in_seconds=1).ok


def test_faults_strike_tokens_as_any_request(start_server):
    server = start_server("token:status=500,times=1")
    assert ask(server, expires_in_seconds=1).status_code == 500
    assert ask(server, expires_in_seconds=1).status_code == 200
