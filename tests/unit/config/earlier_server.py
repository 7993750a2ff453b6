"""Answers as a Prefect server does that an older version of Fermata started: to anybody.

`python -m tests.unit.config.earlier_server READY` says that deployments are served; it prints its
port.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SERVED = sys.argv[1:] == ["READY"]
ANSWERS = {
    "/api/health": True,
    "/api/admin/version": "3.9.1",
    "/api/flow_runs/count": 0,
    "/api/deployments/filter": [{"status": "READY"}] if SERVED else [{"status": "NOT_READY"}],
}


class Handler(BaseHTTPRequestHandler):
    """Answers each of the questions that Fermata asks."""

    def do_GET(self) -> None:
        body = json.dumps(ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
