"""Gladia as a provider of live sessions: opens them, and ends those whose connection was lost."""

import logging
import time
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from threading import Lock

from fermata.assemblyai import errors as service
from fermata.errors import UsageError
from fermata.gladia.clock import SentAudio
from fermata.gladia.closing import NORMAL_CLOSURE, upgrade_error
from fermata.gladia.connection import STOP, GladiaConnection, IdleTimes, SessionState
from fermata.gladia.http import GladiaClient, LiveSession
from fermata.gladia.messages import Interpreter
from fermata.gladia.parameters import SAMPLE_RATES_HZ, LiveRequest, MessagesConfig
from fermata.live import errors as live
from fermata.live.wire import Closed, Wire, WireTimes

_log = logging.getLogger(__name__)

_REACHED_WITHIN_S = 3.0
"""How long a session that is to be ended is looked for: somebody waits to speak, or to leave."""

_CONFIRMED_WITHIN_S = 2.0
_PAUSES_S = (0.5, 1.5)
"""Before it is looked for again at the end: a refusal may mean that the session is over, or that
Gladia has not noticed yet that its first connection is lost."""

_CONFIRMATION = b'"stop_recording"'
"""Its type; in what somebody said there is no quotation mark without a backslash before it."""

_MESSAGES = MessagesConfig(
    receive_partial_transcripts=True,
    receive_pre_processing_events=False,
    receive_lifecycle_events=True,
)
"""Partials are for the eye, acknowledgements a sign of life, the last messages for the bill."""


class GladiaProvider:
    """Sessions at Gladia, one for each channel; may be used from several threads.

    A session's address opens it to anyone, so it never leaves this object.
    """

    def __init__(
        self,
        client: GladiaClient,
        request: LiveRequest | None = None,
        *,
        times: WireTimes | None = None,
        idle: IdleTimes | None = None,
    ) -> None:
        """Opens nothing yet.

        Args:
            client: Opens the sessions.
            request: What to ask for. What describes the audio, and which messages are sent,
                is set for each session: 16-bit PCM, one channel, at the rate of the source.
            times: The bounds of each step of a connection.
            idle: How long silence on the line means nothing.
        """
        self._client = client
        self._request = request or LiveRequest()
        self._times = times or WireTimes()
        self._idle = idle or IdleTimes()
        self._states: list[SessionState] = []
        self._lock = Lock()

    @property
    def name(self) -> str:
        """What a person calls it."""
        return "gladia"

    @property
    def shortest_frame_ms(self) -> int:
        """Any length will do; about 100 ms is advised."""
        return 0

    def connect(self, sample_rate_hz: int) -> GladiaConnection:
        """Opens a session; see `Provider.connect`.

        Gladia would take up a session again whose connection was lost. But what was on its way
        then is gone: its words for good, and audio whose acknowledgement was lost would be
        heard twice. So such a session is ended, and a new one gets what was not answered for.

        Raises:
            UsageError: Gladia does not take this sample rate.
            SessionError: Gladia refuses, or can't be reached.
        """
        self._end_those_left_open()
        request = session_request(self._request, sample_rate_hz)
        session = self._opened(request)
        state = SessionState(session, sample_rate_hz, Interpreter(SentAudio(sample_rate_hz)))
        with self._lock:
            self._states.append(state)
        try:
            return self._connected(state)
        except live.SessionError as error:
            # Gladia may have taken the connection all the same: its answer was lost.
            state.is_closed = True
            state.is_left_open = isinstance(error, live.DroppedError)
            raise

    def close(self) -> None:
        """Ends the sessions whose connections were lost; see `Provider.close`."""
        self._end_those_left_open()
        for pause_s in _PAUSES_S:
            if not any(state.is_left_open for state in self._states):
                return
            time.sleep(pause_s)
            self._end_those_left_open()

    def _end_those_left_open(self) -> None:
        """Ends sessions whose connection was lost: they count as open, and would for a while."""
        with self._lock:
            left = [state for state in self._states if state.is_left_open]
            self._states = [state for state in self._states if not state.is_closed]
        for state in left:
            state.tries_to_end += 1
            state.is_over = self._is_ended(state) or state.tries_to_end > len(_PAUSES_S)
            state.is_left_open = not state.is_over
        with self._lock:
            self._states += [state for state in left if state.is_left_open and state.is_closed]

    def _is_ended(self, state: SessionState) -> bool:
        """Ends a session over another connection; says whether there is no more to be done."""
        try:
            wire = self._wire(state, replace(self._times, connect_s=_REACHED_WITHIN_S))
        except live.SessionError as error:
            _log.debug("a session that was left open could not be ended: %s", error)
            return error.retry is live.Retry.NEVER
        try:
            return _confirms_its_end(wire)
        finally:
            wire.close()

    def _opened(self, request: LiveRequest) -> LiveSession:
        try:
            return self._client.open(request)
        except service.ServiceError as error:
            raise _as_session_error(error) from error

    def _connected(self, state: SessionState) -> GladiaConnection:
        return GladiaConnection(self._wire(state, self._times), state, self._idle)

    def _wire(self, state: SessionState, times: WireTimes) -> Wire:
        url = state.session.url.get_secret_value()
        try:
            return Wire(url, {}, times, upgrade_error)
        except live.SessionError as error:
            # Without what lies behind it, where the address might stand.
            raise error from None


def _confirms_its_end(wire: Wire) -> bool:
    """Asks Gladia to end a session; says whether it has confirmed that."""
    until_s = time.monotonic() + _CONFIRMED_WITHIN_S
    # What can't be sent may still be explained: an ended session is closed with a code.
    with suppress(live.SessionError):
        wire.send_text(STOP)
    with suppress(live.SessionError):
        while (left_s := until_s - time.monotonic()) > 0:
            match wire.receive(left_s):
                case Closed(code=code):
                    return code == NORMAL_CLOSURE
                case bytes(message) if _CONFIRMATION in message:
                    return True
    return False


def session_request(request: LiveRequest, sample_rate_hz: int) -> LiveRequest:
    """The request for one session: what is asked for, with this audio and these messages.

    Raises:
        UsageError: Gladia does not take this sample rate.
    """
    if sample_rate_hz not in SAMPLE_RATES_HZ:
        rates = ", ".join(f"{rate:,}" for rate in SAMPLE_RATES_HZ)
        raise UsageError(
            f"Gladia takes {rates} Hz, not {sample_rate_hz:,} Hz: convert the recording first"
        )
    of_the_session = {
        "encoding": "wav/pcm",
        "bit_depth": 16,
        "channels": 1,
        "sample_rate": sample_rate_hz,
        "messages_config": _MESSAGES,
    }
    return request.model_copy(update=of_the_session)


def _as_session_error(error: service.ServiceError) -> live.SessionError:
    match error:
        case service.AuthenticationError():
            return live.AuthenticationError(str(error), code=HTTPStatus.UNAUTHORIZED)
        case service.NoCreditError():
            return live.BalanceError(str(error), code=HTTPStatus.PAYMENT_REQUIRED)
        case service.RateLimitedError():
            return live.TooManySessionsError(str(error), code=HTTPStatus.TOO_MANY_REQUESTS)
        case service.RequestRejectedError():
            return live.BadParameterError(str(error), code=error.status)
        case service.ConnectionFailedError():
            return live.DroppedError(str(error))
        case _:
            return live.ServerError(str(error))
