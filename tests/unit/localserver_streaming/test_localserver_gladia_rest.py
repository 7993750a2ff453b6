"""Gladia's live API over HTTP: how sessions are asked for, looked at and deleted."""

import json

import pytest
import requests

from tests.unit.localserver_streaming.gladia_client import (
    CHUNK_BYTES,
    HEADERS,
    get,
    init,
    opened,
    stop,
)
from tests.unit.localserver_streaming.stream_client import (
    pcm,
    send,
    until,
)


def test_a_session_begins_with_an_address_of_its_own(server):
    response = init(server)
    assert response.status_code == 201
    assert response.json().keys() == {"id", "created_at", "url"}
    assert response.json()["url"].startswith(f"{server.websocket_url}/v2/live?token=")


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
        ({"endpoint_ing": 3}, 400),
        ({"language_config": {"languages": ["xx"]}}, 400),
        ({"messages_config": {"receive_everything": True}}, 400),
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


@pytest.mark.parametrize(("region", "status"), [("mars", 400), ("eu-west", 201)])
def test_only_known_regions_are_taken(server, region, status):
    url = f"{server.url}/v2/live?region={region}"
    response = requests.post(url, json={}, headers=HEADERS, timeout=60)
    assert response.status_code == status
    if status == 400:
        assert "us-west" in response.json()["validation_errors"][0]


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
