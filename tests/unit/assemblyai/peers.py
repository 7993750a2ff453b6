"""What stands at the other end of the client: a local server, or a socket that misbehaves."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fermata.assemblyai import AssemblyAIClient, RetryPolicy, Timeouts

KEY = "a-key-that-must-not-leak"
FAST = RetryPolicy(attempts=3, total_s=200, wait_initial_s=0.01, wait_max_s=0.02)
ONCE = RetryPolicy(attempts=1)
TIMEOUTS = Timeouts(connect_s=60, answer_s=60, upload_answer_s=60)


def client_of(url: str, **changes: Any) -> AssemblyAIClient:
    settings: dict[str, Any] = {"retry": FAST, "timeouts": TIMEOUTS, **changes}
    return AssemblyAIClient(url, settings.pop("api_key", KEY), **settings)


@contextmanager
def peer(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listens on loopback and hands every connection to `serve`; yields the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def request_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        if not part:
            break
        head += part
    return head


def answering(response: bytes, seen: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    """Serves the same bytes to everybody, once per connection."""

    def serve(connection: socket.socket) -> None:
        head = request_head(connection)
        if seen is not None:
            seen.append(head)
        connection.sendall(response)

    return serve


def http(status: str, body: str = "", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()
