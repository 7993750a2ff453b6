"""Everything that can be made to go wrong, seen from the client's end of the socket."""

import hashlib
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from fermata.errors import UsageError
from fermata.localserver import Fault, Place, parse_fault
from fermata.localserver.faults import (
    AnswerHtml,
    AnswerStatus,
    Cut,
    JobFails,
    JobHangs,
    ListedLate,
    Moment,
    ResetConnection,
    StallAnswer,
    TruncateAnswer,
)
from tests.unit.localserver.client import TALK, Client, StartClient

URL = "http://127.0.0.1:9/nothing.wav"


def plan(client: Client, text: str) -> None:
    client.server.faults.add(parse_fault(text))


def submitted(client: Client) -> int:
    return sum(client.server.store.submissions.values())


def post_submission(client: Client) -> requests.Response:
    return client.request("POST", "/v2/transcript", json={"audio_url": URL})


def test_a_status_with_its_text_and_the_seconds_to_wait(client: Client):
    plan(client, "submit:status=429,text=Too Many Requests,retry_after=2,times=1")
    response = post_submission(client)
    assert response.status_code == 429
    assert response.json() == {"error": "Too Many Requests"}
    assert response.headers["Retry-After"] == "2"
    assert submitted(client) == 0
    assert post_submission(client).status_code == 200


def test_a_date_to_wait_for(client: Client):
    plan(client, "list:status=429,retry_after_date=60")
    asked = datetime.now(UTC)
    retry_after = client.request("GET", "/v2/transcript").headers["Retry-After"]
    until = parsedate_to_datetime(retry_after) - timedelta(seconds=60)
    # A date has whole seconds.
    assert asked - timedelta(seconds=1) < until <= datetime.now(UTC)


def test_the_html_page_of_a_proxy(client: Client):
    plan(client, "poll:html=502")
    transcript_id = client.submit(URL)["id"]
    response = client.request("GET", f"/v2/transcript/{transcript_id}")
    assert response.status_code == 502
    assert response.headers["Content-Type"].startswith("text/html")
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def raw_submission(client: Client) -> socket.socket:
    """A socket that has sent a submission and waits for the answer."""
    address = urlsplit(client.server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=60)
    body = json.dumps({"audio_url": URL})
    connection.sendall(
        f"POST /v2/transcript HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: key\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    return connection


@pytest.mark.parametrize(("moment", "accepted"), [("before", 0), ("after", 1)])
def test_a_reset_of_the_connection_is_one_of_tcp(client: Client, moment, accepted):
    plan(client, f"submit:reset={moment},times=1")
    with raw_submission(client) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert submitted(client) == accepted


@pytest.mark.parametrize("place", ["upload", "list"])
def test_a_client_sees_a_reset_as_a_connection_error(client: Client, place):
    plan(client, f"{place}:reset=before,times=1")
    method, path = {"upload": ("POST", "/v2/upload"), "list": ("GET", "/v2/transcript")}[place]
    with pytest.raises(requests.ConnectionError):
        client.request(method, path)
    assert client.request(method, path).status_code == 200


def test_half_a_json_as_a_whole_body(client: Client):
    plan(client, "submit:truncate=json")
    response = post_submission(client)
    assert response.status_code == 200
    assert int(response.headers["Content-Length"]) == len(response.content)
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert submitted(client) == 1


def test_a_body_that_ends_before_its_announced_length(client: Client):
    plan(client, "submit:truncate=body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        post_submission(client)
    assert submitted(client) == 1


def test_a_stall_answers_late_what_was_done_in_time(client: Client):
    plan(client, "submit:stall_s=60,times=1")
    with raw_submission(client) as connection:
        while not submitted(client):
            time.sleep(0.01)
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert submitted(client) == 1


def test_a_short_stall_ends(client: Client):
    plan(client, "list:stall_s=0.3")
    before_s = time.monotonic()
    assert client.request("GET", "/v2/transcript").status_code == 200
    assert time.monotonic() - before_s >= 0.3


def test_a_stall_does_not_keep_the_server_from_stopping(start_client: StartClient):
    client = start_client(faults=(Fault(Place.LIST, StallAnswer(3600)),))
    thread = threading.Thread(target=client.request, args=("GET", "/v2/transcript"))
    thread.start()
    while not client.server.store.requests[Place.LIST]:
        time.sleep(0.01)
    client.server.__exit__(None, None, None)
    thread.join()


def test_a_job_ends_in_an_error_of_ones_own_words(client: Client):
    plan(client, "job:outcome=error,text=The lights went out")
    transcript = client.finished(client.submit(URL)["id"])
    assert (transcript["status"], transcript["error"]) == ("error", "The lights went out")


def test_a_job_that_never_ends_does_not_keep_others_waiting(start_client: StartClient, references):
    client = start_client(references=references, concurrency=1)
    plan(client, "job:outcome=never,times=1")
    hanging = client.submit(client.upload(TALK))["id"]
    assert client.transcribe(TALK)["status"] == "completed"
    assert client.poll(hanging)["status"] == "processing"


def test_a_job_is_missing_from_the_list_until_it_is_listed(client: Client):
    plan(client, "listed:late_s=3600,times=1")
    plan(client, "listed:late_s=0.05,times=1")
    late, soon, at_once = (client.submit(URL)["id"] for _ in range(3))
    while len(listed := client.request("GET", "/v2/transcript").json()["transcripts"]) < 2:
        assert at_once in {one["id"] for one in listed}
    assert {one["id"] for one in listed} == {at_once, soon}
    assert client.poll(late)["id"] == late


def test_a_fault_spares_the_first_and_strikes_as_often_as_told(client: Client):
    plan(client, "list:status=503,after=1,times=2")
    statuses = [client.request("GET", "/v2/transcript").status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 200, 200]


def test_of_two_faults_the_first_strikes_first(client: Client):
    plan(client, "list:status=503,times=1")
    plan(client, "list:status=429,times=1")
    statuses = [client.request("GET", "/v2/transcript").status_code for _ in range(3)]
    assert statuses == [503, 429, 200]


def test_faults_can_be_called_off(client: Client):
    plan(client, "list:status=503")
    client.server.faults.clear()
    assert client.request("GET", "/v2/transcript").status_code == 200


@pytest.mark.parametrize("place", ["upload", "submit", "poll"])
def test_a_fault_strikes_only_the_content_it_is_meant_for(client: Client, place):
    plan(client, f"{place}:status=500,content={hashlib.sha256(b'bad').hexdigest()}")
    outcomes = {}
    for content in (b"good", b"bad"):
        upload = client.request("POST", "/v2/upload", data=content)
        steps = {"upload": upload.status_code}
        if upload.ok:
            body = {"audio_url": upload.json()["upload_url"]}
            submit = client.request("POST", "/v2/transcript", json=body)
            steps["submit"] = submit.status_code
            if submit.ok:
                path = f"/v2/transcript/{submit.json()['id']}"
                steps["poll"] = client.request("GET", path).status_code
        outcomes[content] = steps
    assert set(outcomes[b"good"].values()) == {200}
    assert outcomes[b"bad"][place] == 500


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "submit:status=429,retry_after=2,times=1",
            Fault(Place.SUBMIT, AnswerStatus(429, retry_after_s=2), times=1),
        ),
        (
            "submit:status=403,text=slow down,retry_after_date=5",
            Fault(Place.SUBMIT, AnswerStatus(403, "slow down", retry_after_date_s=5)),
        ),
        ("poll:html=502,after=3", Fault(Place.POLL, AnswerHtml(502), after=3)),
        ("list:reset=before", Fault(Place.LIST, ResetConnection(Moment.BEFORE))),
        ("delete:truncate=body", Fault(Place.DELETE, TruncateAnswer(Cut.BODY))),
        ("upload:stall_s=1.5", Fault(Place.UPLOAD, StallAnswer(1.5))),
        ("job:outcome=error,text=no", Fault(Place.JOB, JobFails("no"))),
        (
            "job:outcome=never,content=abc",
            Fault(Place.JOB, JobHangs(), content_id="abc"),
        ),
        ("listed:late_s=15", Fault(Place.LISTED, ListedLate(15))),
    ],
)
def test_a_fault_can_be_written_as_text(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("submit", "has no value"),
        ("nowhere:status=500", "'nowhere' is not a valid Place"),
        ("submit:times=1", "exactly one kind"),
        ("submit:status=500,html=502", "exactly one kind"),
        ("submit:status=many", "'many'"),
        ("submit:reset=during", "'during' is not a valid Moment"),
        ("submit:status=500,colour=red", "colour means nothing here"),
        ("submit:html=502,retry_after=1", "retry_after means nothing here"),
        ("job:outcome=late", "'late' is no outcome"),
        ("job:status=500", "AnswerStatus can't happen at job"),
        ("list:late_s=15", "ListedLate can't happen at list"),
        ("submit:outcome=never", "JobHangs can't happen at submit"),
    ],
)
def test_a_fault_written_wrongly_is_explained_in_one_line(text, reason):
    with pytest.raises(UsageError) as caught:
        parse_fault(text)
    message = str(caught.value)
    assert reason in message
    assert "submit:status=429" in message
    assert "\n" not in message
