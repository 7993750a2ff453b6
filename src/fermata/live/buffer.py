"""The bounded buffer between the capture thread and one channel's sender.

A network that stalls must never hold up the microphone, so pushing never waits: a full buffer
gives up its oldest frame, and counts it.
"""

from collections import deque
from threading import Condition

from fermata.live.frames import Frame


class FrameBuffer:
    """A thread-safe ring of frames, bounded by how much audio it holds.

    Args:
        capacity_s: The most audio to hold, in seconds; more than one frame.
        sample_rate_hz: Samples per second of the frames.
    """

    def __init__(self, capacity_s: float, sample_rate_hz: int) -> None:
        self._capacity_samples = int(capacity_s * sample_rate_hz)
        self._sample_rate_hz = sample_rate_hz
        self._frames: deque[Frame] = deque()
        self._held_samples = 0
        self._dropped_frames = 0
        self._dropped_samples = 0
        self._closed = False
        self._changed = Condition()

    def push(self, frame: Frame) -> None:
        """Adds a frame and never waits: the oldest frames make room and are counted.

        A frame pushed after `close` is itself counted as dropped.
        """
        with self._changed:
            if self._closed:
                self._count_dropped(frame)
                return
            self._frames.append(frame)
            self._held_samples += frame.sample_count
            while self._held_samples > self._capacity_samples:
                self._count_dropped(self._take_oldest())
            self._changed.notify()

    def pop(self, timeout_s: float) -> Frame | None:
        """Takes the oldest frame, waiting for one up to `timeout_s` seconds.

        Returns:
            The frame, or None when none came in time or none will come any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._closed, timeout_s)
            return self._take_oldest() if self._frames else None

    def close(self) -> None:
        """Says that no more frames will come, and wakes whoever waits for one."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def exhausted(self) -> bool:
        """Whether the buffer is closed and empty, so that nothing will ever come out of it."""
        with self._changed:
            return self._closed and not self._frames

    @property
    def held_ms(self) -> float:
        """How much audio waits to be sent, in milliseconds."""
        with self._changed:
            return self._ms(self._held_samples)

    @property
    def dropped_frames(self) -> int:
        """How many frames were lost because they were not sent in time."""
        with self._changed:
            return self._dropped_frames

    @property
    def dropped_ms(self) -> float:
        """How much audio was lost because it was not sent in time, in milliseconds."""
        with self._changed:
            return self._ms(self._dropped_samples)

    def _take_oldest(self) -> Frame:
        frame = self._frames.popleft()
        self._held_samples -= frame.sample_count
        return frame

    def _count_dropped(self, frame: Frame) -> None:
        self._dropped_frames += 1
        self._dropped_samples += frame.sample_count

    def _ms(self, samples: int) -> float:
        return samples * 1000 / self._sample_rate_hz
