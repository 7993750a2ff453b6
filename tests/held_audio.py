"""Audio at an address that comes only when the test lets it go: a job as long as one wants."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class HeldAudio:
    """One content under any name, kept back from whoever asks until it is let go."""

    url: str
    _let_go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def let_one_go(self) -> None:
        """Gives it to one who asks, now or later."""
        self._let_go.release()


@contextmanager
def held_audio(content: bytes) -> Iterator[HeldAudio]:
    """Serves this content below an address; at the end nobody is kept waiting."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            while not (held._let_go.acquire(timeout=0.1) or ended.is_set()):
                pass
            # Whoever asked may have given up.
            with suppress(ConnectionError):
                self.send_response_only(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held = HeldAudio(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield held
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
