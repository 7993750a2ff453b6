"""How many channels a recording at an address has, by its beginning alone."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fermata.recordings import web
from fermata.recordings.web import Heard, heard_at
from tests.unheard_port import unheard_port
from tests.unit.live_audio.wavs import wav

CONTENT = wav(bytes(2_000_000), channels=2, rate_hz=8_000, bits=16)

LINKS = ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "224.0.0.1"]

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server whose answers a test writes, and what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append(dict(self.headers))
                answer(self)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/calls/a.wav"


@contextmanager
def serving(answer: Answer) -> Iterator[Site]:
    site = Site(answer)
    thread = threading.Thread(target=site.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        thread.join()
        site.server.server_close()


def ranges(handler: BaseHTTPRequestHandler) -> None:
    last = int(re.findall(r"\d+", handler.headers["Range"])[1])
    send(handler, 206, CONTENT[: last + 1])


def whole(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, CONTENT)


def redirect(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://127.0.0.1/admin")
    handler.end_headers()


def send(handler: BaseHTTPRequestHandler, status: int, content: bytes) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    # Who has read enough hangs up.
    with suppress(OSError):
        handler.wfile.write(content)


@pytest.mark.parametrize("answer", [ranges, whole])
def test_stereo_is_known_by_its_beginning(answer: Answer) -> None:
    with serving(answer) as site:
        assert heard_at(site.url) == Heard(2)
    (asked,) = site.requests
    assert asked["Range"] == "bytes=0-262143"
    assert "Authorization" not in asked


def test_no_more_than_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(web, "_heard_in", lambda content, _: read.append(len(content)))
    with serving(whole) as site:
        heard_at(site.url)
    assert read == [2**18]


@pytest.mark.parametrize(
    ("answer", "why_not"),
    [
        (redirect, "it leads to another address"),
        (lambda handler: send(handler, 404, b""), "it answers with HTTP 404"),
        (lambda handler: send(handler, 416, b""), "it answers with HTTP 416"),
        (lambda handler: send(handler, 200, b"<html>"), "its beginning does not tell"),
        (lambda handler: send(handler, 206, b""), "its beginning does not tell"),
        (lambda handler: send(handler, 503, b""), "it does not answer (HTTPError)"),
        (lambda handler: handler.connection.close(), "it does not answer (ConnectionError)"),
    ],
)
def test_where_it_cannot_be_told_the_reason_is(answer: Answer, why_not: str) -> None:
    with serving(answer) as site:
        assert heard_at(site.url) == Heard(None, why_not)


def test_a_server_that_fails_once_is_asked_again() -> None:
    answers: list[Answer] = [lambda handler: send(handler, 503, b""), ranges]

    def one_after_the_other(handler: BaseHTTPRequestHandler) -> None:
        answers.pop(0)(handler)

    with serving(one_after_the_other) as site:
        assert heard_at(site.url) == Heard(2)


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_TIMEOUTS_S", (0.1, 0.1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a.wav"
        assert heard_at(url) == Heard(None, "it does not answer (ReadTimeout)")


def test_no_longer_than_a_while_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_DEADLINE_S", 0.0)
    with serving(whole) as site:
        assert heard_at(site.url) == Heard(None, "its beginning does not tell")


def test_a_server_that_is_not_there_is_told() -> None:
    with unheard_port() as port:
        assert heard_at(f"http://127.0.0.1:{port}/a.wav").why_not.startswith("it does not answer")


def test_a_login_in_the_address_is_sent_and_one_of_a_netrc_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(ranges) as site:
        local = site.url.replace("127.0.0.1", "localhost")
        assert heard_at(local) == Heard(2)
        assert heard_at(local.replace("//", "//a%40b:c@")) == Heard(2)
    assert [asked.get("Authorization") for asked in site.requests] == [None, "Basic YUBiOmM="]


@pytest.mark.parametrize("host", LINKS)
def test_addresses_of_the_link_are_left_alone(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_asked", lambda url: pytest.fail(f"asked {url}"))
    why_not = "its host is an address of the local link"
    assert heard_at(f"http://{host}/latest/a.wav") == Heard(None, why_not)
