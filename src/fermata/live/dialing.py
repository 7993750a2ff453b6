"""Opens a WebSocket within a bound, and says in plain words why it can't be opened."""

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import cast
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from websocket import (
    WebSocket,
    WebSocketBadStatusException,
    WebSocketConnectionClosedException,
    WebSocketException,
    WebSocketTimeoutException,
    create_connection,
)

from fermata.live.errors import CertificateError, DroppedError, RefusedError, SessionError
from fermata.proxies import Proxy, proxy_for, refusal_in

_SEND_BUFFER_BYTES = 64 * 1024
"""Two seconds of 16 kHz audio: a larger one would hide for longer that nothing is taken."""

_UNREACHABLE = (
    OSError,
    WebSocketConnectionClosedException,
    WebSocketTimeoutException,
)


def dial(
    url: str,
    headers: Mapping[str, str],
    timeout_s: float,
    *,
    unanswered_s: float,
    refusal: Callable[[int, str], SessionError],
) -> WebSocket:
    """Opens a WebSocket; a redirect is not followed, so the key goes nowhere else.

    Args:
        url: A `ws://` or `wss://` address with its query.
        headers: Sent with the upgrade.
        timeout_s: The bound of each step.
        unanswered_s: How long sent data may stay unconfirmed before the kernel gives up.
        refusal: Makes the error of an HTTP status and body that came instead of the upgrade.

    Raises:
        SessionError: The peer can't be reached, or refuses.
        UsageError: The proxy that is set can't be used.
    """
    host = urlsplit(url).hostname or ""
    try:
        return create_connection(
            url,
            timeout=timeout_s,
            header=dict(headers),
            redirect_limit=0,
            suppress_origin=True,
            skip_utf8_validation=True,
            socket=_connected(url, timeout_s, unanswered_s),
        )
    except WebSocketBadStatusException as error:
        raise refusal(error.status_code, _body(error)) from error
    except (WebSocketException, OSError) as error:
        raise _explained(error, host) from error


def _explained(error: BaseException, host: str) -> SessionError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateError(
            f"the certificate of {host} can't be trusted ({error.verify_message}): check the "
            "address, this machine's clock and its certificates"
        )
    if isinstance(error, _UNREACHABLE):
        return DroppedError(
            f"{host} can't be reached ({_reason(error)}): check the network and the address"
        )
    return RefusedError(f"what answers at {host} is no WebSocket service: check the address")


def _body(error: WebSocketBadStatusException) -> str:
    return (error.resp_body or b"").decode("utf-8", "replace")


def _reason(error: BaseException) -> str:
    """Why, in a few words; never the text of a library, which may hold the whole address."""
    if isinstance(error, WebSocketTimeoutException | TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    return (isinstance(error, OSError) and error.strerror) or "the connection was closed"


@cache
def _tls() -> ssl.SSLContext:
    """The system's certificates and the bundled ones: some Pythons come without the former."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def _connected(url: str, timeout_s: float, unanswered_s: float) -> socket.socket:
    """The connection to speak WebSocket over, through the proxy that requests would go through.

    Not websocket-client's own: it reads the variables by rules that are not those of requests.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "wss"
    port = parts.port or (443 if secure else 80)
    proxy = proxy_for(url)
    if proxy is None:
        plain = socket.create_connection((host, port), timeout_s)
    else:
        plain = _through(proxy, host, port, timeout_s)
    try:
        for level, option, value in _socket_options(unanswered_s):
            plain.setsockopt(level, option, value)
        return _tls().wrap_socket(plain, server_hostname=host) if secure else plain
    except BaseException:
        with suppress(OSError):
            plain.close()
        raise


def _through(proxy: Proxy, host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection that an HTTP proxy makes (CONNECT, RFC 9110, 9.3.6)."""
    name = f"the proxy {proxy.host}:{proxy.port}"
    if proxy.is_spoken_to_over_tls:
        raise RefusedError(
            f"{name} is set with https://, and streams go through http:// ones alone: most "
            "proxies are spoken to with http://, so write it so in HTTPS_PROXY"
        )
    tunnel = HTTPConnection(proxy.host, proxy.port, timeout=timeout_s)
    tunnel.set_tunnel(host, port, proxy.headers)
    try:
        tunnel.connect()
    except (OSError, HTTPException) as error:
        tunnel.close()
        reason = refusal_in(error) or _reason(error)
        raise DroppedError(
            f"{host} can't be reached through {name} ({reason}): check HTTPS_PROXY and NO_PROXY"
        ) from error
    return cast("socket.socket", tunnel.sock)


def _socket_options(unanswered_s: float) -> list[tuple[int, int, int]]:
    options = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES),
    ]
    user_timeout = getattr(socket, "TCP_USER_TIMEOUT", None)
    if user_timeout is not None:
        options.append((socket.IPPROTO_TCP, user_timeout, int(unanswered_s * 1000)))
    return options
