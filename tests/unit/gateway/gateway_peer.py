"""A small server on loopback that answers as the LLM Gateway does, by a script."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema
import yaml

from tests.specifications import specification


def check(instance, name):
    """Holds a body against the gateway's specification; skips the test where that is absent."""
    text = specification("assemblyai/llm-gateway.yml").read_text(encoding="utf-8")
    components = yaml.safe_load(text)["components"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    jsonschema.validate(instance, schema)


def answer(text, **more):
    """A 200 with usage written both ways, as measured."""
    usage = {
        "input_tokens": 16,
        "output_tokens": 6,
        "prompt_tokens": 16,
        "completion_tokens": 6,
        "total_tokens": 22,
    }
    message = {"role": "assistant", "content": text}
    body = {
        "request_id": "0554b22b-7ea3-4e28-8306-8aeee83ca384",
        "choices": [{"index": 0, "message": message, "finish_reason": "end_turn"}],
        "usage": usage,
        "request": {"model": "m", "max_tokens": 16},
        "response_time": 1030392710,
        "llm_status_code": 200,
    } | more
    return 200, {}, body


def no_access():
    errors = ["Your account does not have access to this LLM Gateway model"]
    body = {
        "code": 400,
        "message": "invalid request body",
        "request_id": "r",
        "metadata": {"errors": errors},
    }
    return 400, {}, body


class GatewayPeer:
    """Answers each request with the next of `replies`, and keeps what it was asked."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def models_asked(self):
        return [body["model"] for _, _, body in self.requests]


def _handler(peer):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            peer.requests.append((self.path, dict(self.headers), body))
            status, headers, reply = peer.replies.pop(0)
            raw = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            pass

    return Handler
