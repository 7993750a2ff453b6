"""Puts times of a provider's session on the source's clock.

A session counts the audio it was sent. What was dropped on the way, or sent again after a
reconnection, makes the two clocks differ; both run at the same speed between such places.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from threading import Lock

from fermata.live.frames import Frame

_MS_PER_S = 1000
_Bisect = Callable[[list[int], float], int]


class AudioClock:
    """The map of one session, written by the sender while the receiver reads it.

    Args:
        sample_rate_hz: Samples per second of what is sent.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._lock = Lock()
        self._sent_samples = 0
        self._next_sample: int | None = None
        self._session_starts: list[int] = []
        self._source_starts: list[int] = []
        self._source_ends: list[int] = []

    def count(self, frame: Frame, padding_samples: int = 0) -> None:
        """Notes that a frame is sent next, with so much silence after it."""
        with self._lock:
            if frame.start_sample != self._next_sample:
                self._session_starts.append(self._sent_samples)
                self._source_starts.append(frame.start_sample)
                self._source_ends.append(frame.end_sample)
            self._source_ends[-1] = frame.end_sample
            self._sent_samples += frame.sample_count + padding_samples
            self._next_sample = None if padding_samples else frame.end_sample

    def start_ms(self, session_ms: float) -> float:
        """Where on the source's clock something starts; after a hole, where one is."""
        return self._source_ms(session_ms, bisect_right)

    def end_ms(self, session_ms: float) -> float:
        """Where on the source's clock something ends; before a hole, where one is."""
        return self._source_ms(session_ms, bisect_left)

    @property
    def sent_s(self) -> float:
        """How much audio was sent in this session, in seconds."""
        with self._lock:
            return self._sent_samples / self._sample_rate_hz

    def _source_ms(self, session_ms: float, bisect: _Bisect) -> float:
        sample = session_ms * self._sample_rate_hz / _MS_PER_S
        with self._lock:
            if not self._session_starts:
                return session_ms
            piece = max(0, bisect(self._session_starts, sample) - 1)
            source = self._source_starts[piece] + sample - self._session_starts[piece]
            within = min(source, float(self._source_ends[piece]))
        return within * _MS_PER_S / self._sample_rate_hz
