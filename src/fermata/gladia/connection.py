"""One connection to a session of Gladia's, in the words of `fermata.live.provider`."""

import json
import time
from collections import deque
from dataclasses import dataclass
from threading import Lock

from fermata.gladia.closing import NORMAL_CLOSURE, close_error, still_stands_after
from fermata.gladia.http import LiveSession
from fermata.gladia.messages import Interpreter
from fermata.live.errors import DroppedError, NoTerminationError, StalledError
from fermata.live.events import Began, Ended, Event, Notice, SignOfLife
from fermata.live.wire import Closed, Wire

STOP = json.dumps({"type": "stop_recording"})
_SILENCE_MS = 100
_BYTES_PER_SAMPLE = 2
_MS_PER_S = 1000


@dataclass(slots=True)
class SessionState:
    """What outlives a connection, so that a session whose connection is lost can be ended.

    Attributes:
        session: the session and its address.
        sample_rate_hz: of its audio.
        interpreter: what was read so far.
        is_left_open: its connection is lost, and Gladia waits for another one.
        is_closed: its connection was closed here.
        is_over: Gladia said that it has ended, or nothing more can be done about it.
        tries_to_end: how often it was to be ended over another connection.
    """

    session: LiveSession
    sample_rate_hz: int
    interpreter: Interpreter
    is_left_open: bool = False
    is_closed: bool = False
    is_over: bool = False
    tries_to_end: int = 0


@dataclass(frozen=True, slots=True)
class IdleTimes:
    """How long silence on a line means nothing, in seconds.

    Attributes:
        keep_alive_s: after so long without audio, silence is sent; Gladia drops the socket
            after about 30 s.
        stall_s: audio that stays unacknowledged for so long, without any other message, means
            that the service is stalled.
    """

    keep_alive_s: float = 20.0
    stall_s: float = 15.0


class GladiaConnection:
    """An open WebSocket to a session; see `fermata.live.provider.Connection`.

    Silence that keeps an idle session alive is hidden from the caller: no time counts it.
    """

    def __init__(self, wire: Wire, state: SessionState, idle: IdleTimes) -> None:
        """Takes over a connected `wire`; sends nothing yet."""
        self._wire = wire
        self._state = state
        self._idle = idle
        self._audio = state.interpreter.audio
        self._sending = Lock()
        self._sent_at = time.monotonic()
        self._waiting_since: float | None = None
        self._is_finishing = False
        self._waiting: deque[Event] = deque((Began(state.session.session_id, None, {}),))

    @property
    def session_id(self) -> str:
        """Gladia's id of the session."""
        return self._state.session.session_id

    @property
    def expects_answers(self) -> bool:
        """Never: Gladia asks no language model."""
        return False

    def send(self, pcm: bytes) -> None:
        """Sends audio; see `Connection.send`."""
        with self._sending:
            self._audio.add(len(pcm))
            self._send_audio(pcm)

    def receive(self, timeout_s: float) -> Event | None:
        """Waits for the next event; see `Connection.receive`."""
        if self._waiting:
            return self._waiting.popleft()
        try:
            message = self._wire.receive(timeout_s)
        except DroppedError:
            self._state.is_left_open = not self._state.is_closed
            raise
        if message is None:
            self._mind_the_silence()
            return None
        self._waiting_since = None
        if isinstance(message, Closed):
            return self._closed(message)
        return self._state.interpreter.event(message) or SignOfLife()

    def finish(self) -> None:
        """Asks Gladia to end the session; see `Connection.finish`."""
        with self._sending:
            self._is_finishing = True
            self._wire.send_text(STOP)

    def close(self) -> None:
        """Closes; see `Connection.close`.

        Whether Gladia hears of it is not known, so a session that has not ended is left open.
        """
        self._state.is_closed = True
        self._state.is_left_open = not self._state.is_over
        self._wire.close()

    def _send_audio(self, pcm: bytes) -> None:
        try:
            self._wire.send_binary(pcm)
        except DroppedError:
            self._state.is_left_open = not self._state.is_closed
            raise
        self._sent_at = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since = self._sent_at

    def _mind_the_silence(self) -> None:
        now, since = time.monotonic(), self._waiting_since
        if since is not None and now - since > self._idle.stall_s and not self._is_finishing:
            self._state.is_left_open = True
            raise StalledError(
                f"Gladia acknowledged no audio for {self._idle.stall_s:g} s: the network or the "
                "service is stalled"
            )
        if now - self._sent_at > self._idle.keep_alive_s and not self._is_finishing:
            self._keep_alive()

    def _keep_alive(self) -> None:
        samples = self._state.sample_rate_hz * _SILENCE_MS // _MS_PER_S
        silence = bytes(samples * _BYTES_PER_SAMPLE)
        with self._sending:
            self._audio.add_silence(len(silence))
            self._send_audio(silence)

    def _closed(self, closed: Closed) -> Event:
        self._state.is_over = not still_stands_after(closed.code)
        if closed.code == NORMAL_CLOSURE and self._is_finishing:
            return self._ended()
        self._state.is_left_open = not self._state.is_over
        raise close_error(closed)

    def _ended(self) -> Event:
        interpreter = self._state.interpreter
        if not interpreter.has_ended:
            raise NoTerminationError(
                f"Gladia closed the session ({NORMAL_CLOSURE}) without confirming its end",
                code=NORMAL_CLOSURE,
            )
        ended = Ended(interpreter.audio_s, interpreter.billed_s)
        if not interpreter.unfinished:
            return ended
        self._waiting.append(ended)
        return Notice(
            "unfinished",
            f"Gladia ended the session with {len(interpreter.unfinished)} turn(s) lacking a final "
            "text: their last words may be missing",
        )
