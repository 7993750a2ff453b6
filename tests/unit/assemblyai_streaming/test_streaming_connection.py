"""Connections, messages and access: what is said to the service, and what it may say."""

import json
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
from fermata.assemblyai.streaming.messages import known_speaker, read
from fermata.errors import UsageError
from fermata.live import errors
from fermata.live.events import Began, Ended, LlmAnswer, Notice, Turn
from tests.unit.live.rig import RATE_HZ, TIMES, ChannelRig, provider, samples
from tests.unit.live.scripted_server import ScriptedServer, normal

pytestmark = pytest.mark.timeout(200)


def parse(message):
    unknown: list[str] = []
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return read(data, unknown.append), unknown


def test_a_real_turn_becomes_an_event():
    event, _ = parse(
        {
            "type": "Turn",
            "turn_order": 3,
            "turn_is_formatted": True,
            "end_of_turn": True,
            "transcript": "Yeah.",
            "utterance": "Yeah.",
            "end_of_turn_confidence": 1.0,
            "words": [
                {
                    "text": "Yeah.",
                    "start": 1000,
                    "end": 1200,
                    "confidence": 0.98,
                    "word_is_final": True,
                    "speaker": "UNKNOWN",
                    "speaker_confidence": 0.1,
                }
            ],
            "speaker_label": "A",
            "language_code": "en",
        }
    )
    assert isinstance(event, Turn)
    assert (event.speaker, event.words[0].speaker, event.language) == ("A", None, "en")
    assert event.words[0].end_ms == 1200


@pytest.mark.parametrize(
    ("label", "known"),
    [("A", "A"), ("1A", "1A"), ("UNKNOWN", None), ("PENDING", None), ("", None), (None, None)],
)
def test_labels_that_stand_for_nobody_are_nobody(label, known):
    assert known_speaker(label) == known


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"type": "Begin", "id": "x", "expires_at": 5}, Began("x", 5, {})),
        ({"type": "Termination"}, Ended(None, None)),
        (
            {"type": "Warning", "warning_code": 1, "warning": "two\nlines"},
            Notice("service_warning", "the service warns: two lines"),
        ),
        (
            {"type": "LLMGatewayResponse", "turn_order": 1, "transcript": "", "data": {}},
            LlmAnswer(1, "", {}),
        ),
        (
            {"type": "LLMGatewayResponse", "turn_order": 1, "transcript": "", "data": [1]},
            LlmAnswer(1, "", {"data": [1]}),
        ),
        ({"type": "Heartbeat", "total_audio_received_ms": 1}, None),
    ],
)
def test_messages_become_events(message, event):
    assert parse(message) == (event, [])


@pytest.mark.parametrize("message", [{"type": "New"}, {"type": 7}, {}, {"type": None}])
def test_messages_of_unknown_types_are_told_and_let_pass(message):
    event, unknown = parse(message)
    assert event is None
    assert unknown == [str(message.get("type"))]


@pytest.mark.parametrize(
    "message",
    [b"{", b"\xff", b"[]", b"3", {"type": "Begin"}, {"type": "Turn", "turn_order": -1}],
)
def test_what_cannot_be_read_is_malformed(message):
    with pytest.raises(errors.MalformedMessageError):
        parse(message)


def test_an_error_without_a_type_is_an_error_too():
    with pytest.raises(errors.AuthenticationError):
        parse({"error": "Not authorized"})


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
            opener.connect(RATE_HZ, None).close()
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
            opener.connect(RATE_HZ, None)


def test_a_running_session_can_be_changed_and_told_to_end_a_turn():
    async def script(session):
        await session.begin()
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        connection = provider(server).connect(RATE_HZ, None)
        connection.update_configuration({"min_turn_silence": 300})
        connection.force_endpoint()
        connection.keep_alive()
        connection.finish()
        events = []
        while not events or not isinstance(events[-1], Ended):
            event = connection.receive(1)
            events += [event] if event else []
        connection.close()
        assert server.all_closed()
    assert isinstance(events[0], Began)
    assert [text["type"] for text in server.sessions[0].texts] == [
        "UpdateConfiguration",
        "ForceEndpoint",
        "KeepAlive",
        "Terminate",
    ]


def test_unknown_messages_are_counted_and_logged_once(caplog):
    caplog.set_level("INFO", logger="fermata.assemblyai.streaming")

    async def script(session):
        await session.begin()
        for _ in range(3):
            await session.send({"type": "Weather"})
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        connection = provider(server).connect(RATE_HZ, None)
        while connection.unknown_messages < 3:
            connection.receive(1)
        connection.finish()
        connection.close()
    assert [record.message for record in caplog.records] == [
        "messages of type Weather are not known and ignored"
    ]


def test_no_log_line_of_a_session_holds_the_key(caplog):
    caplog.set_level("DEBUG")

    async def script(session):
        await session.begin()
        await session.listen(100)
        session.abort()

    with ScriptedServer(script) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert report.error
    # The server of this test logs what it gets, which is no fault of the client.
    ours = [record for record in caplog.records if not record.name.startswith("websockets")]
    assert ours
    assert not any("a-key-for-tests" in record.getMessage() for record in ours)
    assert "a-key-for-tests" not in report.error
