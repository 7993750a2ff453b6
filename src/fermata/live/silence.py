"""Notices a service that has fallen silent: speech is sent to it, and nothing comes back.

Pings don't tell: the network layer answers them, however the service fares. Any message is a
sign of life, be it words, a heartbeat or an acknowledgement of audio. A service that sends none
of these while nobody speaks may be well, so there must be speech that no words have followed.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from fermata.live.errors import SilentError
from fermata.live.frames import Frame
from fermata.speech_detection.amount import SpeechMeter

LEAST_SPEECH_S = 0.25
"""Less may be a cough; a short word takes as long."""

_REMEMBERED = 4
"""For how many times the stated time unanswered audio is remembered: there may be music in it,
which no words ever follow."""


class SilenceWatch:
    """Watches one connection; the sender tells of frames, the receiver of messages.

    Nothing is listened to in the normal course: only once nothing has come for the stated time,
    the audio is looked through for speech.

    Args:
        sample_rate_hz: Samples per second of what is sent.
        silent_s: How long nothing may come after speech was sent.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        silent_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._silent_s = silent_s
        self._clock = clock
        self._lock = Lock()
        self._unanswered: deque[tuple[float, Frame]] = deque()
        self._received_at_s = clock()
        self._meter: SpeechMeter | None = None
        self._speech_s = 0.0

    def sent(self, frame: Frame) -> None:
        """Notes that a frame is being sent."""
        now_s = self._clock()
        with self._lock:
            self._unanswered.append((now_s, frame))
            while self._unanswered[0][0] < now_s - _REMEMBERED * self._silent_s:
                self._unanswered.popleft()

    def received(self) -> None:
        """Notes that a message came, whatever it says."""
        self._received_at_s = self._clock()

    def answered(self) -> None:
        """Notes that words came: what was sent before them was listened to."""
        with self._lock:
            self._unanswered.clear()
        self._meter = None
        self._speech_s = 0.0

    def check(self) -> None:
        """Looks around; to be called by the receiver when nothing waits to be read.

        Raises:
            SilentError: The service has fallen silent.
        """
        if self._clock() - self._received_at_s < self._silent_s:
            return
        for frame in self._overdue():
            self._meter = self._meter or SpeechMeter(self._sample_rate_hz)
            self._speech_s += self._meter.speech_s(frame.pcm)
        if self._speech_s >= LEAST_SPEECH_S:
            raise SilentError(
                f"nothing came from the service for {self._silent_s:g} s while speech was sent "
                "to it: it has fallen silent"
            )

    def _overdue(self) -> list[Frame]:
        """Takes out what was sent long enough ago."""
        overdue = []
        sent_before_s = self._clock() - self._silent_s
        with self._lock:
            while self._unanswered and self._unanswered[0][0] <= sent_before_s:
                overdue.append(self._unanswered.popleft()[1])
        return overdue
