"""Everything that goes wrong between client and service, told apart once and for all."""

import io
import threading
import time
from hashlib import sha256

import pytest
from pydantic import ValidationError

from fermata.assemblyai import (
    AssemblyAIClient,
    ConnectionFailedError,
    RateLimitedError,
    RequestRejectedError,
    RetryPolicy,
    ServiceUnavailableError,
    StoppedError,
    Timeouts,
    TranscriptOptions,
    TransientServiceError,
)
from fermata.assemblyai.errors import NoCreditError
from fermata.assemblyai.models import TranscriptAnswer, TranscriptStatus
from fermata.localserver import LocalServer, parse_fault
from tests.unheard_port import unheard_port
from tests.unit.assemblyai.peers import (
    KEY,
    ONCE,
    answering,
    client_of,
    http,
    peer,
    request_head,
)

URL = "http://127.0.0.1:9/nothing.wav"
CONTENT = b"bytes"


def upload(client: AssemblyAIClient) -> str:
    digest = sha256(CONTENT).hexdigest()
    return client.upload(lambda: io.BytesIO(CONTENT), size_bytes=len(CONTENT), sha256=digest)


TRANSIENT = [
    "status=500",
    "status=503",
    "html=502",
    "html=200",
    "reset=before",
    "reset=after",
    "truncate=json",
    "truncate=body",
    "status=429,retry_after=0",
    "status=403,text=Rate limit exceeded",
]


@pytest.mark.parametrize("fault", TRANSIENT)
def test_an_upload_is_repeated_after_every_passing_fault(
    client: AssemblyAIClient, server: LocalServer, fault: str
):
    server.faults.add(parse_fault(f"upload:{fault},times=2"))
    assert upload(client).startswith(server.url)
    assert sum(server.store.requests.values()) == 3


def test_patience_ends(client: AssemblyAIClient, server: LocalServer):
    server.faults.add(parse_fault("upload:status=500"))
    with pytest.raises(ServiceUnavailableError, match="500"):
        upload(client)
    assert sum(server.store.requests.values()) == 3


def test_an_account_without_credit_is_told_in_one_line_and_not_asked_again(
    client: AssemblyAIClient, server: LocalServer
):
    server.faults.add(parse_fault("upload:status=402,text=Insufficient funds"))
    with pytest.raises(
        NoCreditError, match=r"^no credit: .*Insufficient funds.*top it up"
    ) as caught:
        upload(client)
    assert "\n" not in str(caught.value)
    assert sum(server.store.requests.values()) == 1


def test_a_status_nobody_has_heard_of_is_that_of_a_job_still_running():
    job = '{"id": "a", "status": "%s", "created": "2026-11-21T00:00:00Z", "audio_url": "u"}'
    listed = ", ".join([job % "warming_up", job.replace('"a"', '"b"') % "completed"])
    page = http("200 OK", f'{{"page_details": {{}}, "transcripts": [{listed}]}}')
    with peer(answering(page)) as url, client_of(url) as client:
        client.check()
    with peer(answering(http("200 OK", job % "warming_up"))) as url, client_of(url) as client:
        assert client.transcript("a").answer.status is TranscriptStatus.PROCESSING


@pytest.mark.parametrize("status", ["null", "1", "true", "[]", '["completed"]', "{}"])
def test_a_status_that_is_no_text_is_no_answer(status: str):
    with pytest.raises(ValidationError):
        TranscriptAnswer.model_validate_json(f'{{"id": "a", "status": {status}}}')


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_refusal_shows_the_service_s_own_text_and_is_not_repeated(
    client: AssemblyAIClient, server: LocalServer, status: int
):
    server.faults.add(parse_fault(f"upload:status={status},text=this can not be"))
    with pytest.raises(RequestRejectedError, match="this can not be") as caught:
        upload(client)
    assert (caught.value.status, caught.value.service_text) == (status, "this can not be")
    assert sum(server.store.requests.values()) == 1


def test_a_403_about_the_upload_is_a_refusal(
    client: AssemblyAIClient, server: LocalServer, options: TranscriptOptions
):
    with pytest.raises(RequestRejectedError, match="Cannot access uploaded file"):
        client.submit(options, f"{server.url}/upload/gone")


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_submission_is_never_repeated_by_the_client(
    client: AssemblyAIClient, server: LocalServer, options: TranscriptOptions, fault: str
):
    server.faults.add(parse_fault(f"submit:{fault}"))
    with pytest.raises(TransientServiceError):
        client.submit(options, URL)
    assert sum(server.store.requests.values()) == 1


@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        ("status=429", False),
        ("status=403,text=Rate limit exceeded", False),
        ("status=500", True),
        ("html=502", True),
        ("reset=before", True),
        ("reset=after", True),
        ("truncate=json", True),
    ],
)
def test_a_lost_answer_is_told_from_a_submission_surely_not_accepted(
    client: AssemblyAIClient, server: LocalServer, options: TranscriptOptions, fault: str, lost
):
    server.faults.add(parse_fault(f"submit:{fault}"))
    with pytest.raises(TransientServiceError) as caught:
        client.submit(options, URL)
    assert caught.value.answer_lost is lost


def test_what_never_connected_was_surely_not_accepted(options: TranscriptOptions):
    with (
        unheard_port() as port,
        client_of(f"http://127.0.0.1:{port}") as client,
        pytest.raises(ConnectionFailedError, match="Connection refused") as caught,
    ):
        client.submit(options, URL)
    assert not caught.value.answer_lost


def test_a_name_that_is_not_found_was_surely_not_accepted(options: TranscriptOptions):
    with (
        client_of("https://service.invalid") as client,
        pytest.raises(ConnectionFailedError, match=r"can't connect to service\.invalid") as caught,
    ):
        client.submit(options, URL)
    assert not caught.value.answer_lost


def test_a_failure_while_another_is_handled_is_judged_by_itself(options: TranscriptOptions):
    def hang_up(connection) -> None:
        request_head(connection)

    def submit_after_a_refusal(url: str) -> None:
        with (
            unheard_port() as port,
            client_of(f"http://127.0.0.1:{port}") as first,
            client_of(url) as second,
        ):
            try:
                first.submit(options, URL)
            except ConnectionFailedError:
                second.submit(options, URL)

    with peer(hang_up) as url, pytest.raises(ConnectionFailedError) as caught:
        submit_after_a_refusal(url)
    assert caught.value.answer_lost


def test_silence_ends_and_the_answer_counts_as_lost(options: TranscriptOptions):
    release = threading.Event()

    def stay_silent(connection) -> None:
        request_head(connection)
        release.wait(60)

    timeouts = Timeouts(connect_s=60, answer_s=0.2, upload_answer_s=0.2)
    with peer(stay_silent) as url, client_of(url, timeouts=timeouts, retry=ONCE) as client:
        with pytest.raises(ConnectionFailedError, match="took too long") as caught:
            client.submit(options, URL)
        release.set()
    assert caught.value.answer_lost


@pytest.mark.parametrize("header", ["retry_after=1", "retry_after_date=2"])
def test_the_wait_the_service_asks_for_is_kept(
    client: AssemblyAIClient, server: LocalServer, header: str
):
    server.faults.add(parse_fault(f"upload:status=429,{header},times=1"))
    begun = time.monotonic()
    upload(client)
    # A date has whole seconds, so up to one of its two is cut off.
    assert time.monotonic() - begun > 0.9


def test_a_wait_asked_for_is_cut_to_what_is_bearable(server: LocalServer):
    patient = RetryPolicy(attempts=2, retry_after_max_s=0.05)
    server.faults.add(parse_fault("upload:status=429,retry_after=3600,times=1"))
    with client_of(server.url, retry=patient) as client:
        upload(client)


@pytest.mark.parametrize("header", ["soon", "-1", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_an_odd_or_past_wait_is_no_reason_to_fail(header: str):
    page = http("429 Too Many Requests", "{}", f"Retry-After: {header}")
    with (
        peer(answering(page)) as url,
        client_of(url) as client,
        pytest.raises(RateLimitedError),
    ):
        client.check()


def test_stopping_ends_a_wait_at_once(server: LocalServer):
    stop = threading.Event()

    def stop_once_refused() -> None:
        while not sum(server.store.requests.values()):
            time.sleep(0.01)
        stop.set()

    server.faults.add(parse_fault("upload:status=429,retry_after=3600"))
    with client_of(server.url, stop=stop) as client:
        threading.Thread(target=stop_once_refused).start()
        with pytest.raises(StoppedError):
            upload(client)
    assert sum(server.store.requests.values()) == 1


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else():
    seen: list[bytes] = []
    with peer(answering(http("200 OK", "{}"), seen)) as elsewhere:
        page = http("307 Temporary Redirect", "", f"Location: {elsewhere}/v2/transcript")
        with (
            peer(answering(page)) as url,
            client_of(url) as client,
            pytest.raises(RequestRejectedError, match="correct the service's address"),
        ):
            client.check()
    assert seen == []


def test_the_key_is_sent_raw_and_a_netrc_does_not_replace_it(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen: list[bytes] = []
    page = http("200 OK", '{"page_details": {}, "transcripts": []}')
    with peer(answering(page, seen)) as url, client_of(url) as client:
        client.check()
    assert f"Authorization: {KEY}\r\n".encode() in seen[0]


def test_loopback_is_reached_past_a_proxy(monkeypatch, client: AssemblyAIClient):
    with unheard_port() as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        client.check()


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "500 Oops"])
def test_no_error_repeats_the_key_or_a_query(status: str):
    body = f'{{"error": "no {KEY}\\n at https://me:pass@cdn.example.com/a?token=secret#x"}}'
    with (
        peer(answering(http(status, body))) as url,
        client_of(url) as client,
        pytest.raises(Exception, match="cdn") as caught,
    ):
        client.check()
    text = str(caught.value)
    assert not any(secret in text for secret in (KEY, "secret", "pass", "\n", "me:"))


def test_an_endless_text_is_cut():
    with (
        peer(answering(http("400 Bad Request", '{"error": "' + "long " * 1000 + '"}'))) as url,
        client_of(url) as client,
        pytest.raises(RequestRejectedError) as caught,
    ):
        client.check()
    assert len(str(caught.value)) < 400
