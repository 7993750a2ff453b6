"""Between the sound system's callback and the capture thread: a bounded queue that counts.

The callback runs on the sound system's own thread, which must never wait; so a block that finds
the queue full is given up, counted, and leaves a hole in the sample count.
"""

import queue
from collections.abc import Iterator

import numpy as np

from fermata.live.frames import Block
from fermata.live.sources import Losses


class StalledError(Exception):
    """No audio came for longer than a working device ever takes."""


class Intake:
    """Takes raw audio on one thread and gives blocks on another.

    Args:
        channels: How many channels are interleaved in what comes in.
        sample_rate_hz: Samples per second of each channel.
        capacity_blocks: How many blocks may wait to be fetched.
    """

    def __init__(self, channels: int, sample_rate_hz: int, capacity_blocks: int) -> None:
        self._channels = channels
        self._sample_rate_hz = sample_rate_hz
        self._capacity_blocks = capacity_blocks
        self._waiting: queue.SimpleQueue[Block | None] = queue.SimpleQueue()
        self._next_sample = 0
        self._overflows = 0
        self._dropped_blocks = 0
        self._dropped_samples = 0

    def receive(self, pcm: bytes, *, overflowed: bool) -> None:
        """Takes one buffer of interleaved 16-bit samples and never waits.

        Args:
            pcm: The samples, in the byte order of this machine.
            overflowed: Whether the sound system lost audio just before it.
        """
        self._overflows += overflowed
        samples = np.frombuffer(pcm, np.int16).reshape(-1, self._channels).T
        block = Block(self._next_sample, samples)
        self._next_sample = block.end_sample
        if self._waiting.qsize() < self._capacity_blocks:
            self._waiting.put(block)
        else:
            self._dropped_blocks += 1
            self._dropped_samples += block.sample_count

    def blocks(self, stalled_after_s: float) -> Iterator[Block]:
        """Yields what came in until `end` is called.

        Raises:
            StalledError: Nothing came for `stalled_after_s` seconds.
        """
        try:
            while (block := self._waiting.get(timeout=stalled_after_s)) is not None:
                yield block
        except queue.Empty:
            raise StalledError from None

    def end(self) -> None:
        """Ends `blocks` after what already waits; may be called from any thread."""
        self._waiting.put(None)

    @property
    def losses(self) -> Losses:
        """What was lost so far."""
        return Losses(
            overflows=self._overflows,
            dropped_blocks=self._dropped_blocks,
            dropped_ms=self._dropped_samples * 1000 / self._sample_rate_hz,
        )
