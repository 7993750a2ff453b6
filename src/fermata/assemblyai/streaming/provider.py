"""AssemblyAI's streaming v3 as a provider of live sessions."""

from collections.abc import Collection
from dataclasses import dataclass

from fermata.assemblyai.errors import ServiceError, TransientServiceError
from fermata.assemblyai.streaming.access import Access, checked_streaming_url, with_query
from fermata.assemblyai.streaming.closing import classify_status
from fermata.assemblyai.streaming.connection import StreamingConnection
from fermata.assemblyai.streaming.parameters import StreamingParameters
from fermata.errors import UsageError
from fermata.live.errors import AuthenticationError, ServerError
from fermata.live.provider import Connection
from fermata.live.wire import Wire, WireTimes

API_VERSION = "2025-05-12"
"""What the official Python SDK asks for."""

SHORTEST_FRAME_MS = 50
"""The service takes 50 to 1,000 ms at once; a last shorter frame is filled up with silence, as
the vendor's guides do."""

_PCM = "pcm_s16le"


@dataclass(frozen=True, slots=True)
class StreamingTimes:
    """How long the service may take.

    Attributes:
        wire: For the parts of the connection.
        begin_s: From the connection to `Begin`; 1.3 s is usual.
    """

    wire: WireTimes = WireTimes()  # noqa: RUF009 - frozen
    begin_s: float = 8.0


class AssemblyAiProvider:
    """Opens sessions with the same parameters; may be used from several threads at once.

    Args:
        url: The socket's address, such as `wss://streaming.assemblyai.com/v3/ws`.
        access: A key or tokens.
        parameters: Of every session; the sample rate is that of the audio.
        times: How long the service may take.
        allow_insecure_hosts: Hosts other than loopback that a key may be sent to over ws.
        name: What a person calls it.

    Raises:
        UsageError: The address is none, or a key would go out in the clear; or the encoding
            is not PCM, which is what live sources give.
    """

    shortest_frame_ms = SHORTEST_FRAME_MS

    def __init__(
        self,
        url: str,
        access: Access,
        parameters: StreamingParameters,
        *,
        times: StreamingTimes | None = None,
        allow_insecure_hosts: Collection[str] = (),
        name: str = "assemblyai",
    ) -> None:
        if parameters.encoding != _PCM:
            raise UsageError(f"live audio is sent as {_PCM}: leave out encoding")
        self.name = name
        self._url = checked_streaming_url(url, allow_insecure_hosts)
        self._access = access
        self._parameters = parameters
        self._times = times or StreamingTimes()

    def connect(self, sample_rate_hz: int) -> Connection:
        """Opens a session; see `Provider.connect`."""
        parameters = self._parameters.for_session(sample_rate_hz)
        headers = {"AssemblyAI-Version": API_VERSION, **self._access.headers()}
        url = with_query(self._url, parameters.to_query(), self._token_query())
        wire = Wire(url, headers, self._times.wire, classify_status)
        return StreamingConnection(wire, parameters, self._times.begin_s)

    def close(self) -> None:
        """Does nothing: here a session ends with its connection; see `Provider.close`."""

    def _token_query(self) -> dict[str, str]:
        """The access's part of the address, which may have to be fetched first."""
        try:
            return self._access.query()
        except TransientServiceError as error:
            raise ServerError(f"no token for a session: {error}") from error
        except ServiceError as error:
            raise AuthenticationError(f"no token for a session: {error}") from error
