"""Access: where a key or a token goes, and where it never does."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from fermata.assemblyai.streaming import (
    AssemblyAiProvider,
    KeyAccess,
    TokenAccess,
    checked_streaming_url,
    fetch_token,
    streaming_parameters,
    token_base_url,
)
from fermata.errors import UsageError
from fermata.live import errors
from tests.unit.live.rig import RATE_HZ, TIMES
from tests.unit.live.scripted_server import ScriptedServer, normal

pytestmark = pytest.mark.timeout(200)


@pytest.mark.parametrize(
    "url",
    [
        "https://streaming.assemblyai.com/v3/ws",
        "ws://streaming.assemblyai.com/v3/ws",
        "wss://user:pw@host/v3/ws",
        "wss://host/v3/ws?token=x",
        "wss://",
        "ws://localhost.example.com/v3/ws",
    ],
)
def test_an_address_that_a_key_must_not_go_to_is_refused(url):
    with pytest.raises(UsageError) as raised:
        checked_streaming_url(url)
    assert "pw" not in str(raised.value)
    assert "token" not in str(raised.value)


def test_loopback_and_hosts_allowed_by_name_may_do_without_tls():
    assert checked_streaming_url("ws://127.0.0.1:9/v3/ws/") == "ws://127.0.0.1:9/v3/ws"
    assert checked_streaming_url("ws://lab.test/v3/ws", {"LAB.test"})
    assert token_base_url("ws://127.0.0.1:9/v3/ws") == "http://127.0.0.1:9"


@pytest.mark.parametrize("key", ["", "  ", "a b", "ä", "x\r\nHost: y"])
def test_a_key_that_cannot_stand_in_a_header_is_refused(key):
    with pytest.raises(UsageError):
        KeyAccess(key).headers()


def test_a_key_stays_out_of_the_text_form():
    assert "hush-hush" not in repr(KeyAccess("hush-hush"))


def test_only_pcm_can_be_streamed_live():
    parameters = streaming_parameters({"speech_model": "u3-rt-pro", "encoding": "opus"})
    with pytest.raises(UsageError, match="pcm_s16le"):
        AssemblyAiProvider("wss://x.test/v3/ws", KeyAccess("k"), parameters)


class TokenServer:
    """Gives tokens, and records who asked."""

    def __init__(self, status=200, body=b'{"token":"t-1","expires_in_seconds":60}'):
        outer = self
        self.asked: list[tuple[dict, str | None]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                key = self.headers.get("Authorization")
                outer.asked.append((dict(parse_qs(parts.query)) | {"path": parts.path}, key))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_a_token_is_fetched_with_the_key_in_the_header():
    with TokenServer() as server:
        assert fetch_token(server.url, "k", max_session_duration_s=600) == "t-1"
    query, key = server.asked[0]
    assert key == "k"
    assert query == {
        "path": "/v3/token",
        "expires_in_seconds": ["60"],
        "max_session_duration_seconds": ["600"],
    }


@pytest.mark.parametrize(
    "numbers",
    [{"expires_in_s": 0}, {"expires_in_s": 601}, {"max_session_duration_s": 59}],
)
def test_a_token_out_of_range_is_not_asked_for(numbers):
    with pytest.raises(UsageError):
        fetch_token("https://x.test", "k", **numbers)


def test_a_session_with_a_token_sends_no_key_and_a_fresh_token_each_time():
    tokens = iter(["t-1", "t-2"])
    with ScriptedServer(normal) as server:
        access = TokenAccess(lambda: next(tokens))
        parameters = streaming_parameters({"speech_model": "u3-rt-pro"})
        opener = AssemblyAiProvider(server.url, access, parameters, times=TIMES)
        for _ in range(2):
            opener.connect(RATE_HZ).close()
        assert server.all_closed()
    assert [session.query["token"] for session in server.sessions] == ["t-1", "t-2"]
    assert all("authorization" not in session.headers for session in server.sessions)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, errors.AuthenticationError),
        (503, errors.ServerError),
        (422, errors.AuthenticationError),
    ],
)
def test_a_token_that_is_not_given_is_an_error_of_the_session(status, kind):
    with TokenServer(status, b'{"error":"no"}') as tokens:
        access = TokenAccess(lambda: fetch_token(tokens.url, "k"))
        parameters = streaming_parameters({"speech_model": "u3-rt-pro"})
        opener = AssemblyAiProvider("ws://127.0.0.1:9/v3/ws", access, parameters, times=TIMES)
        with pytest.raises(kind):
            opener.connect(RATE_HZ)
