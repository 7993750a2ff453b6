"""A small Gladia-shaped server on loopback which plays a script, one step a connection.

It answers `POST /v2/live` and holds the WebSockets; every frame it sends passes the schemas of
Gladia's OpenAPI document where that lies beside the project.
"""

import contextlib
import json
import queue
import socket
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from gladia_specs import check_own
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

BOUND_S = 60
"""How long the peer waits for anything before it gives up: a test hangs no longer."""

_SCHEMAS = {
    "transcript": "TranscriptMessage",
    "audio_chunk": "AudioChunkAckMessage",
    "stop_recording": "StopRecordingAckMessage",
    "speech_start": "SpeechStartMessage",
    "speech_end": "SpeechEndMessage",
    "start_session": "StartSessionMessage",
    "start_recording": "StartRecordingMessage",
    "end_recording": "EndRecordingMessage",
    "end_session": "EndSessionMessage",
    "post_final_transcript": "PostFinalTranscriptMessage",
}


class PeerConnection:
    """One WebSocket as the server sees it."""

    def __init__(self, websocket, session_id):
        self.websocket = websocket
        self.session_id = session_id
        self.audio = bytearray()
        self.texts = []

    def send(self, kind, **fields):
        message = {
            "session_id": self.session_id,
            "created_at": "2026-08-01T00:00:00.000Z",
            "type": kind,
            **fields,
        }
        if kind in _SCHEMAS:
            check_own(message, _SCHEMAS[kind])
        self.websocket.send(json.dumps(message))

    def transcript(self, text, *, number=0, is_final=True, start=0.0, end=1.0):
        words = text.split()
        step = (end - start) / max(len(words), 1)
        self.send(
            "transcript",
            data={
                "id": f"00_{number:08d}",
                "is_final": is_final,
                "utterance": {
                    "text": f" {text}",
                    "start": start,
                    "end": end,
                    "confidence": 0.9,
                    "channel": 0,
                    "language": "en",
                    "words": [
                        {
                            "word": f" {word}",
                            "start": start + index * step,
                            "end": start + (index + 1) * step,
                            "confidence": 0.8,
                        }
                        for index, word in enumerate(words)
                    ],
                },
            },
        )

    def acknowledge(self, first_byte, end_byte, bytes_per_s=32000):
        self.send(
            "audio_chunk",
            acknowledged=True,
            error=None,
            data={
                "byte_range": [first_byte, end_byte],
                "time_range": [first_byte / bytes_per_s, end_byte / bytes_per_s],
            },
        )

    def read(self):
        """The next message: bytes are kept as audio, a text is parsed."""
        message = self.websocket.recv(timeout=BOUND_S)
        if isinstance(message, bytes):
            self.audio += message
            return message
        self.texts.append(json.loads(message))
        return self.texts[-1]

    def read_audio(self, byte_count):
        while len(self.audio) < byte_count:
            self.read()

    def read_until_stop(self):
        while self.read() != {"type": "stop_recording"}:
            pass

    def end(self, billed_s=1.0, audio_s=1.0):
        """What the service sends after `stop_recording`, up to the close with 1000."""
        data = {"recording_duration": audio_s, "recording_left_to_process": 0.0}
        self.send("stop_recording", acknowledged=True, error=None, data=data)
        self.send("end_recording", data={"recording_duration": audio_s})
        metadata = {
            "audio_duration": audio_s,
            "number_of_distinct_channels": 1,
            "billing_time": billed_s,
            "transcription_time": audio_s,
        }
        self.send("post_final_transcript", data={"metadata": metadata})
        self.send("end_session")
        self.websocket.close(1000)

    def drop(self):
        """Cuts the line without a close frame, as a network does."""
        self.websocket.socket.shutdown(socket.SHUT_RDWR)

    def wait_for_close(self):
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.read()


class GladiaPeer:
    """Answers inits from `replies` (201 once they are used up) and plays `script`.

    `script` has one function a connection, in order; each gets the `PeerConnection`.
    """

    def __init__(self, *script):
        self.script = queue.SimpleQueue()
        for step in script:
            self.script.put(step)
        self.replies = queue.SimpleQueue()
        self.inits = []
        self.connections = []
        self.tokens = []
        self.failures = []

    def __enter__(self):
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = False
        self._websockets = serve(self._play, "127.0.0.1", 0)
        self._threads = [
            threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}),
            threading.Thread(target=self._websockets.serve_forever),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()
        self._websockets.shutdown()
        for thread in self._threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    @property
    def url(self):
        return f"http://127.0.0.1:{self._http.server_port}"

    def session(self):
        token = str(uuid.uuid4())
        self.tokens.append(token)
        port = self._websockets.socket.getsockname()[1]
        answer = {
            "id": str(uuid.uuid4()),
            "created_at": "2026-08-01T00:00:00.000Z",
            "url": f"ws://127.0.0.1:{port}/v2/live?token={token}",
        }
        check_own(answer, "InitStreamingResponse")
        return answer

    def _play(self, websocket):
        token = parse_qs(urlsplit(websocket.request.path).query).get("token", [""])[0]
        connection = PeerConnection(websocket, f"session-{self.tokens.index(token)}")
        self.connections.append(connection)
        try:
            self.script.get(timeout=BOUND_S)(connection)
            connection.wait_for_close()
        except ConnectionClosed:
            pass
        except BaseException as error:  # noqa: BLE001 - shown by the test that runs the peer
            self.failures.append(error)
            websocket.close(1011)


def _handler(peer):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            peer.inits.append((self.path, dict(self.headers), body))
            try:
                status, headers, answer = peer.replies.get_nowait()
            except queue.Empty:
                status, headers, answer = 201, {}, peer.session()
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self):
            self.send_error(404)

        def log_message(self, *_):
            pass

    return Handler


def refusal(status, message, **more):
    """The body of an error answer, as Gladia words it."""
    answer = {
        "timestamp": "2026-08-01T00:00:00.000Z",
        "path": "/v2/live",
        "request_id": "G-1",
        "statusCode": status,
        "message": message,
        **more,
    }
    check_own(answer, "BadRequestErrorResponse")
    return answer
