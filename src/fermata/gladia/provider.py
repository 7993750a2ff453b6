"""Gladia as a provider of live sessions: opens them, and resumes them after a drop."""

from http import HTTPStatus
from threading import Lock

from fermata.assemblyai import errors as service
from fermata.errors import UsageError
from fermata.gladia.clock import SentAudio
from fermata.gladia.closing import upgrade_error
from fermata.gladia.connection import GladiaConnection, IdleTimes, SessionState
from fermata.gladia.http import GladiaClient, LiveSession
from fermata.gladia.messages import Interpreter
from fermata.gladia.parameters import SAMPLE_RATES_HZ, LiveRequest, MessagesConfig
from fermata.live import errors as live
from fermata.live.provider import ResumePoint
from fermata.live.wire import Wire, WireTimes

_MESSAGES = MessagesConfig(
    receive_partial_transcripts=True,
    receive_pre_processing_events=False,
    receive_lifecycle_events=True,
)
"""Partials are for the eye, acknowledgements for resuming, the last messages for the bill."""


class GladiaProvider:
    """Sessions at Gladia, one for each channel; may be used from several threads.

    A session's address opens it to anyone, so it never leaves this object: what is handed out
    to resume a session is its id.
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
        self._states: dict[str, SessionState] = {}
        self._lock = Lock()

    @property
    def name(self) -> str:
        """What a person calls it."""
        return "gladia"

    @property
    def shortest_frame_ms(self) -> int:
        """Any length will do; about 100 ms is advised."""
        return 0

    def connect(self, sample_rate_hz: int, resume: ResumePoint | None) -> GladiaConnection:
        """Opens a session, or connects to a dropped one again; see `Provider.connect`.

        Raises:
            UsageError: Gladia does not take this sample rate.
            SessionError: Gladia refuses, or can't be reached.
        """
        if resume is not None and (resumed := self._resumed(resume)) is not None:
            return resumed
        request = session_request(self._request, sample_rate_hz)
        session = self._opened(request)
        state = SessionState(session, sample_rate_hz, Interpreter(SentAudio(sample_rate_hz)))
        with self._lock:
            self._states = {key: each for key, each in self._states.items() if not each.is_over}
            self._states[session.session_id] = state
        return self._connected(state)

    def _resumed(self, resume: ResumePoint) -> GladiaConnection | None:
        """The dropped session again; None where Gladia no longer holds it."""
        with self._lock:
            state = self._states.get(resume.handle)
        if state is None or state.is_over:
            return None
        try:
            connection = self._connected(state)
        except (live.RefusedError, live.AuthenticationError):
            state.is_over = True
            return None
        try:
            if not connection.is_turned_away():
                return connection
        except live.SessionError:
            connection.close()
            raise
        connection.close()
        state.is_over = True
        return None

    def _opened(self, request: LiveRequest) -> LiveSession:
        try:
            return self._client.open(request)
        except service.ServiceError as error:
            raise _as_session_error(error) from error

    def _connected(self, state: SessionState) -> GladiaConnection:
        url = state.session.url.get_secret_value()
        try:
            wire = Wire(url, {}, self._times, upgrade_error)
        except live.SessionError as error:
            # Without what lies behind it, where the address might stand.
            raise error from None
        return GladiaConnection(wire, state, self._idle)


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
        case service.RateLimitedError():
            return live.TooManySessionsError(str(error), code=HTTPStatus.TOO_MANY_REQUESTS)
        case service.RequestRejectedError():
            return live.BadParameterError(str(error), code=error.status)
        case service.ConnectionFailedError():
            return live.DroppedError(str(error))
        case _:
            return live.ServerError(str(error))
