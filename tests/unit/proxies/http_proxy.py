"""A small HTTP proxy on loopback, and a machine whose only way out may lead through it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"
_REFUSAL = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class HttpProxy:
    """Relays what it is asked for to the same port of loopback, whatever the host is called.

    Attributes:
        address: host and port of the proxy.
        heads: the head of each request to it, in order.
        is_closed_to_all: whether it refuses everybody.
    """

    def __init__(self, listener: socket.socket) -> None:
        self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        self.heads: list[str] = []
        self.is_closed_to_all = False

    def serve(self, client: socket.socket) -> None:
        head = b""
        while _HEAD_END not in head:
            if not (part := client.recv(65536)):
                return
            head += part
        self.heads.append(head.decode("latin-1"))
        if self.is_closed_to_all:
            client.sendall(_REFUSAL)
            return
        method, target, _ = self.heads[-1].split(" ", 2)
        tunnel = method == "CONNECT"
        port = int(target.rpartition(":")[2]) if tunnel else urlsplit(target).port
        with socket.create_connection(("127.0.0.1", port or 80)) as server:
            if tunnel:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                server.sendall(head.replace(f"http://{urlsplit(target).netloc}".encode(), b"", 1))
            back = threading.Thread(target=_relay, args=(server, client))
            back.start()
            _relay(client, server)
            back.join()


def _relay(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def http_proxy() -> Iterator[HttpProxy]:
    """Runs a proxy for as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = HttpProxy(listener)

        def hold(client: socket.socket) -> None:
            with client, suppress(OSError):
                proxy.serve(client)

        with accepting(listener, hold):
            yield proxy


@contextmanager
def accepting(listener: socket.socket, hold) -> Iterator[None]:
    """Hands each connection to `hold`, in a thread of its own, until the context ends."""

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=hold, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
