"""One WebSocket, used by a thread that sends and another one that receives.

Every call ends within a bound: connecting, sending to a peer that reads no more, closing. A
peer that has once answered a ping and then leaves one unanswered counts as stalled, because
the kernel's buffers would go on swallowing audio for minutes.
"""

import logging
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock
from typing import Any, cast

from websocket import (
    ABNF,
    WebSocket,
    WebSocketException,
    WebSocketTimeoutException,
)

from fermata.live.dialing import dial
from fermata.live.errors import DroppedError, SessionError, StalledError
from fermata.redact import masked_answer

_log = logging.getLogger(__name__)

NO_STATUS = 1005
"""What RFC 6455 calls a close frame without a code."""

# What a socket raises that another thread has closed in the middle of a call.
_LOST = (WebSocketException, OSError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class WireTimes:
    """How long the parts of a connection may take, in seconds.

    Attributes:
        connect_s: Each step of connecting: to one address, TLS, the upgrade.
        send_s: Until the kernel takes what is sent; longer means that the peer is stalled.
        close_s: Each step of closing in good order, before it is closed all the same.
        ping_s: From one ping to the next, while something is sent.
        pong_s: Until a ping is answered.
    """

    connect_s: float = 5.0
    send_s: float = 5.0
    close_s: float = 1.0
    ping_s: float = 10.0
    pong_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Closed:
    """The peer closed the connection with a close frame.

    Attributes:
        code: The close code; 1005 where it gave none.
        reason: The peer's words.
    """

    code: int
    reason: str


class Wire:
    """An open WebSocket.

    Args:
        url: A `ws://` or `wss://` address with its query.
        headers: Sent with the upgrade.
        times: The bounds of each step.
        refusal: Makes the error of an HTTP status and body that came instead of the upgrade.

    Raises:
        SessionError: The peer can't be reached, or refuses.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        times: WireTimes,
        refusal: Callable[[int, str], SessionError],
    ) -> None:
        self._times = times
        self._socket: WebSocket = dial(
            url, headers, times.connect_s, unanswered_s=times.pong_s, refusal=refusal
        )
        self._socket.settimeout(times.send_s)
        self._raw = cast("socket.socket", self._socket.sock)
        # OpenSSL bears one thread at a time on a connection, and Python before 3.13 does not
        # see to that.
        self._io = RLock()
        self._closed = False
        self._broken = False
        self._pinged_at = float("-inf")
        self._unanswered_since: float | None = None
        self._answers_pings = False
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._raw, selectors.EVENT_READ)

    def send_binary(self, data: bytes) -> None:
        """Sends a binary message, and a ping when one is due.

        Raises:
            StalledError: The peer does not take it.
            DroppedError: The connection is lost.
        """
        now = time.monotonic()
        if now - self._pinged_at >= self._times.ping_s:
            self._pinged_at = now
            if self._unanswered_since is None:
                self._unanswered_since = now
            self._send(b"", ABNF.OPCODE_PING)
        self._send(data, ABNF.OPCODE_BINARY)

    def send_text(self, text: str) -> None:
        """Sends a text message; otherwise like `send_binary`."""
        self._send(text, ABNF.OPCODE_TEXT)

    def receive(self, timeout_s: float) -> bytes | Closed | None:
        """Waits for a message.

        Returns:
            The message's bytes without secrets, how the peer closed, or None when nothing came
            in time, or nothing but a ping or pong.

        Raises:
            DroppedError: The connection is lost, or was closed on this side.
        """
        try:
            if not self._readable(timeout_s):
                self._check_answered()
                return None
            with self._io:
                opcode, frame = self._socket.recv_data_frame(control_frame=True)
        except WebSocketTimeoutException:
            return None
        except _LOST as error:
            raise self._lost(error) from error
        self._unanswered_since = None
        return self._read(opcode, frame)

    def close(self) -> None:
        """Closes in good order if the peer plays along, and in any case; never raises."""
        if self._closed:
            return
        self._closed = True
        if self._io.acquire(timeout=self._times.close_s):
            try:
                self._close_in_good_order()
            finally:
                self._io.release()
        with suppress(*_LOST):
            self._raw.shutdown(socket.SHUT_RDWR)
        self._raw.close()
        self._selector.close()

    def _close_in_good_order(self) -> None:
        if self._broken:
            return
        with suppress(*_LOST):
            self._socket.settimeout(self._times.close_s)
            self._socket.close(timeout=self._times.close_s)

    def _send(self, data: bytes | str, opcode: int) -> None:
        if self._broken or self._closed:
            raise DroppedError("the connection is closed: nothing can be sent any more")
        try:
            with self._io:
                self._socket.send(data, opcode)
        except WebSocketTimeoutException as error:
            # Part of the message may be on its way, so nothing else can follow it.
            self._broken = True
            raise StalledError(
                f"the service took no data for {self._times.send_s:g} s: the network or the "
                "service is stalled"
            ) from error
        except _LOST as error:
            self._broken = True
            raise self._lost(error) from error

    def _readable(self, timeout_s: float) -> bool:
        if self._closed:
            raise DroppedError("the connection was closed on this side")
        if isinstance(self._raw, ssl.SSLSocket) and self._raw.pending():
            return True
        return bool(self._selector.select(timeout_s))

    def _check_answered(self) -> None:
        since = self._unanswered_since
        if not self._answers_pings or since is None:
            return
        if time.monotonic() - since > self._times.pong_s:
            self._broken = True
            raise StalledError(
                f"the service answered no ping for {self._times.pong_s:g} s: the network or the "
                "service is stalled"
            )

    def _read(self, opcode: int, frame: Any) -> bytes | Closed | None:
        if opcode == ABNF.OPCODE_PONG:
            self._answers_pings = True
        if opcode in (ABNF.OPCODE_PING, ABNF.OPCODE_PONG):
            return None
        data = bytes(frame.data)
        if opcode == ABNF.OPCODE_CLOSE:
            code = int.from_bytes(data[:2], "big") if data else NO_STATUS
            return Closed(code, data[2:].decode("utf-8", "replace"))
        return masked_answer(data)

    def _lost(self, error: BaseException) -> DroppedError:
        self._broken = True
        if isinstance(error, DroppedError):
            return error
        _log.debug("connection lost: %s", type(error).__name__)
        return DroppedError(
            "the connection to the service was lost without a word (1006): check the network",
            code=1006,
        )
