"""One connection in use: what is sent is counted, what comes is received on its own thread."""

import logging
import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread

from fermata.live.clock import AudioClock
from fermata.live.errors import (
    EndedEarlyError,
    MalformedMessageError,
    NoTerminationError,
    SessionError,
    SilentError,
)
from fermata.live.events import Ended, Event, Notice, SignOfLife, Turn
from fermata.live.frames import Frame
from fermata.live.provider import Connection
from fermata.live.silence import SilenceWatch

_log = logging.getLogger(__name__)

_JOIN_S = 2.0

Hear = Callable[[Event | None], None]


class Link:
    """Runs a connection from its beginning to its end.

    Args:
        connection: The open connection; it is closed by `end`.
        clock: Counts what is sent.
        watch: Notices when the service has fallen silent.
        hear: Called on the receiving thread with each event, and with None while none comes.
        poll_s: How long to wait for one.

    Attributes:
        disturbed: Set when there is no use in sending any more.
        over: Set when nothing will be received any more.
        failure: What disturbed it: a `SessionError`, or an error in our own code. After `end`,
            a `NoTerminationError` where the service has not confirmed the end.
        ended: The end of the session, if it came.
        has_heard_words: Whether the service has told of a turn.
    """

    def __init__(
        self,
        connection: Connection,
        clock: AudioClock,
        watch: SilenceWatch,
        hear: Hear,
        poll_s: float,
    ) -> None:
        self.disturbed = Flag()
        self.over = Flag()
        self.failure: Exception | None = None
        self.ended: Ended | None = None
        self.has_heard_words = False
        self._connection = connection
        self._clock = clock
        self._watch = watch
        self._hear = hear
        self._poll_s = poll_s
        self._closing = False
        self._end_asked = False
        self._received_at_s = self._said_at_s = time.monotonic()
        self._thread = Thread(
            target=self._receive_all, name=f"receive {connection.session_id}", daemon=True
        )

    def start(self) -> None:
        """Starts to receive."""
        self._thread.start()

    def send(self, frame: Frame, padding: bytes) -> None:
        """Sends a frame with so much silence after it.

        Raises:
            SessionError: It can't be sent.
        """
        # Counted first: an answer to this frame may come before `send` returns.
        self._clock.count(frame, len(padding) // 2)
        self._watch.sent(frame)
        self._connection.send(frame.pcm + padding if padding else frame.pcm)

    def verdict(self, error: SessionError, within_s: float) -> Exception:
        """Why sending failed: what the service said, if it says it in time, or `error`."""
        self.over.wait(within_s)
        self._disturb(error)
        return self.failure or error

    def why_over(self) -> Exception:
        """Why there is no use in sending any more."""
        if self.failure is not None:
            return self.failure
        if self.ended is not None:
            return EndedEarlyError("the service ended the session by itself: look at its limits")
        return NoTerminationError("the session was closed before the service had ended it")

    def end(self, quiet_s: float, wordless_s: float) -> None:
        """Asks the service to end the session, waits until it has, and closes.

        What the service still has to say is heard meanwhile. A connection that can't take the
        request any more is closed at once. Never raises.

        Args:
            quiet_s: How long to wait while nothing comes.
            wordless_s: How long to wait while nothing but signs of life comes.
        """
        if self._thread.ident is None:
            self.start()
        try:
            if not self.over.is_set():
                self._ask_for_the_end()
                self._wait_for_the_end(quiet_s, wordless_s)
        except SessionError as error:
            _log.debug("the session could not be ended in good order: %s", error)
        finally:
            if self.ended is None:
                self._disturb(NoTerminationError("the service did not confirm the session's end"))
            self.close()

    def abort(self) -> None:
        """Asks the service to end the session, and closes without waiting for it; any thread."""
        try:
            self._ask_for_the_end()
        except SessionError as error:
            _log.debug("the session could not be ended in good order: %s", error)
        finally:
            if self.ended is None:
                self._disturb(NoTerminationError("the session was closed before it had ended"))
            self.close()

    def close(self) -> None:
        """Closes the connection, whatever goes on; any thread."""
        self._closing = True
        self._connection.close()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)

    def _ask_for_the_end(self) -> None:
        if not self._end_asked:
            self._end_asked = True
            self._connection.finish()

    def _wait_for_the_end(self, quiet_s: float, wordless_s: float) -> None:
        asked_at_s = time.monotonic()
        while not self.over.wait(self._poll_s):
            now_s = time.monotonic()
            if now_s - max(asked_at_s, self._received_at_s) > quiet_s:
                return
            if now_s - max(asked_at_s, self._said_at_s) > wordless_s:
                return

    def _receive_all(self) -> None:
        try:
            while self.ended is None and not self._closing:
                self._receive_one()
        except Exception as error:  # noqa: BLE001 - carried to the channel's thread
            self._disturb(error)
        finally:
            self.disturbed.set()
            self.over.set()

    def _receive_one(self) -> None:
        try:
            event = self._connection.receive(self._poll_s)
        except MalformedMessageError as error:
            event = Notice("unreadable", str(error))
        if event is None:
            self._mind_the_silence()
        else:
            self._note(event)
        # Once disturbed, only the end of the session still counts: the rest is heard again.
        if self.failure is None:
            self._tell(event)

    def _note(self, event: Event) -> None:
        self._watch.received()
        self._received_at_s = time.monotonic()
        if isinstance(event, Ended):
            self.ended = event
        if isinstance(event, Turn):
            self._watch.answered()
            self.has_heard_words = True
        if not isinstance(event, SignOfLife):
            self._said_at_s = self._received_at_s

    def _mind_the_silence(self) -> None:
        if self.failure is not None or self._end_asked:
            return
        try:
            self._watch.check()
        except SilentError as error:
            self._disturb(error)

    def _tell(self, event: Event | None) -> None:
        try:
            self._hear(event)
        except Exception as error:  # noqa: BLE001 - an error of ours must not end receiving
            self._disturb(error)

    def _disturb(self, error: Exception) -> None:
        # What a connection raises that we close ourselves is no failure.
        if self.failure is None and not self._closing:
            self.failure = error
        self.disturbed.set()
