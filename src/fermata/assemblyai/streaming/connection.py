"""One session with AssemblyAI's streaming v3, over one WebSocket."""

import json
import logging
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from fermata.assemblyai.streaming.closing import classify
from fermata.assemblyai.streaming.messages import read
from fermata.assemblyai.streaming.parameters import StreamingParameters
from fermata.assemblyai.streaming.updates import (
    FORCE_ENDPOINT,
    KEEP_ALIVE,
    TERMINATE,
    configuration_update,
)
from fermata.live.errors import EndedEarlyError, NoBeginError, NoTerminationError, SessionError
from fermata.live.events import Began, Event, Notice
from fermata.live.wire import Closed, Wire

_log = logging.getLogger(__name__)

# How `Begin` names what was asked for, and how that was asked. Only these are echoed.
_ECHOED = {
    "model": "speech_model",
    "mode": "mode",
    "speaker_labels": "speaker_labels",
    "redact_pii": "redact_pii",
    "filter_profanity": "filter_profanity",
    "domain": "domain",
    "voice_focus": "voice_focus",
}


class StreamingConnection:
    """An open session; see `fermata.live.provider.Connection` for who may call what.

    Args:
        wire: The open WebSocket; closed when the session does not begin.
        parameters: What was asked for.
        begin_s: How long to wait for `Begin`, in seconds.

    Raises:
        NoBeginError: It did not come.
        SessionError: The service refuses the session.
    """

    def __init__(self, wire: Wire, parameters: StreamingParameters, begin_s: float) -> None:
        self._wire = wire
        self._parameters = parameters
        self._end_asked = False
        self._unknown: set[str] = set()
        self._unknown_messages = 0
        try:
            began = self._await_begin(begin_s)
        except BaseException:
            self._give_up()
            raise
        self._began = began
        self._waiting: deque[Event] = deque([began, *self._differences(began)])

    @property
    def session_id(self) -> str:
        """The service's name for the session."""
        return self._began.session_id

    @property
    def expects_answers(self) -> bool:
        """Whether a language model was asked for."""
        return self._parameters.llm_gateway is not None

    @property
    def unknown_messages(self) -> int:
        """How many messages of unknown types came and were ignored."""
        return self._unknown_messages

    def send(self, pcm: bytes) -> None:
        """Sends 50 to 1,000 ms of audio."""
        self._wire.send_binary(pcm)

    def receive(self, timeout_s: float) -> Event | None:
        """Waits for the next event; see `Connection.receive`."""
        if self._waiting:
            return self._waiting.popleft()
        return self._next(timeout_s)

    def finish(self) -> None:
        """Asks the service to end the session."""
        self._end_asked = True
        self._wire.send_text(TERMINATE)

    def force_endpoint(self) -> None:
        """Asks the service to end the present turn now."""
        self._wire.send_text(FORCE_ENDPOINT)

    def keep_alive(self) -> None:
        """Keeps a session without audio from being ended for inactivity; it is billed on."""
        self._wire.send_text(KEEP_ALIVE)

    def update_configuration(self, changes: Mapping[str, Any]) -> None:
        """Changes parameters of the running session; the service does not confirm it.

        Raises:
            UsageError: They can't be changed, or not to this.
        """
        self._wire.send_text(json.dumps(configuration_update(self._parameters, changes)))

    def close(self) -> None:
        """Closes the connection."""
        self._wire.close()

    def _await_begin(self, begin_s: float) -> Began:
        deadline_s = time.monotonic() + begin_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            event = self._next(left_s)
            if isinstance(event, Began):
                return event
        raise NoBeginError(
            f"the service took the connection but began no session within {begin_s:g} s"
        )

    def _give_up(self) -> None:
        """Ends a session that may have begun without our knowing."""
        try:
            self._wire.send_text(TERMINATE)
        except SessionError:
            _log.debug("the connection is gone already")
        self._wire.close()

    def _next(self, timeout_s: float) -> Event | None:
        received = self._wire.receive(timeout_s)
        if received is None:
            return None
        if isinstance(received, Closed):
            raise self._why_closed(received)
        return read(received, self._count_unknown)

    def _why_closed(self, closed: Closed) -> SessionError:
        """The end without a `Termination`, which no code makes a good one."""
        error = classify(closed.code, closed.reason)
        if isinstance(error, EndedEarlyError) and self._end_asked:
            return NoTerminationError(
                f"the service closed the session ({closed.code}) without confirming its end",
                code=closed.code,
            )
        return error

    def _count_unknown(self, kind: str) -> None:
        self._unknown_messages += 1
        if kind not in self._unknown:
            self._unknown.add(kind)
            _log.info("messages of type %.40s are not known and ignored", kind)

    def _differences(self, began: Began) -> list[Notice]:
        """What the service says it will do, where that is not what was asked for."""
        notices = []
        for echoed, name in _ECHOED.items():
            asked, got = getattr(self._parameters, name), began.configuration.get(echoed)
            if echoed in began.configuration and asked is not None and asked != got:
                notices.append(
                    Notice("configuration", f"{name} was to be {asked}, the service uses {got}")
                )
        return notices
