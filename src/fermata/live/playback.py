"""Lets a person hear what is being streamed, without ever holding it up."""

import queue
from contextlib import suppress
from threading import Event

import numpy as np

from fermata.live.frames import Block, Samples, samples_per_block
from fermata.live.sources.portaudio import GO_ON, PortAudio, StreamFormat

_BUFFERED_BLOCKS = 10
_LEAD_BLOCKS = 2
"""Silence played ahead after running dry: blocks come when they are due, and one that comes a
few milliseconds late would leave a gap each time."""

_DEVICE_BLOCKS = 4
"""More than a device holds: after so much silence, it has played what came before. Closing a
stream discards what the device holds, and not every ALSA plug-in waits when asked to."""

_LONGEST_DRAIN_S = 1.0
_BYTES_PER_SAMPLE = 2


class Playback:
    """Plays blocks through the default output device; blocks it can't take in time are skipped.

    One channel plays in the middle. Of several, the odd ones (first, third, ...) play on the
    left and the even ones on the right.

    Args:
        sample_rate_hz: Samples per second of the blocks.
        channels: How many channels every block has.

    Raises:
        UsageError: PyAudio or PortAudio is missing.
        DeviceError: There is no output device, or it refuses this format.
    """

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._waiting: queue.Queue[bytes] = queue.Queue(_BUFFERED_BLOCKS)
        self._drained = Event()
        self._drained.set()
        self._silent_blocks = 0
        layout = StreamFormat(sample_rate_hz, min(channels, 2), samples_per_block(sample_rate_hz))
        self._samples_per_block = layout.samples_per_buffer
        self._silence = bytes(layout.samples_per_buffer * layout.channels * _BYTES_PER_SAMPLE)
        self._system = PortAudio()
        try:
            self._system.open_output(layout, self._next).start_stream()
        except Exception:
            self._system.close()
            raise

    def play(self, block: Block) -> None:
        """Queues a block and returns at once; skips it when the device is behind."""
        heard = mixed_down(block.samples)
        filled = np.pad(heard, ((0, 0), (0, self._samples_per_block - block.sample_count)))
        lead = [self._silence] * _LEAD_BLOCKS if self._drained.is_set() else []
        with suppress(queue.Full):
            for pcm in (*lead, filled.T.tobytes()):
                self._waiting.put_nowait(pcm)
        self._drained.clear()

    def close(self) -> None:
        """Plays what is queued, for one second at most, and gives the device back."""
        self._drained.wait(_LONGEST_DRAIN_S)
        self._system.close()

    def _next(
        self, _input: bytes | None, _samples: int, _times: object, _flags: int
    ) -> tuple[bytes, int]:
        """Called by PortAudio, on its own thread, whenever the device wants the next 50 ms."""
        try:
            pcm = self._waiting.get_nowait()
        except queue.Empty:
            self._silent_blocks += 1
            if self._silent_blocks == _DEVICE_BLOCKS:
                self._drained.set()
            return self._silence, GO_ON
        self._silent_blocks = 0
        return pcm, GO_ON


def mixed_down(samples: Samples) -> Samples:
    """Mixes channels to what a person listens to: one stays alone, several become left, right."""
    if len(samples) == 1:
        return samples
    sides = [samples[side::2].mean(axis=0, dtype=np.float32) for side in (0, 1)]
    return np.rint(sides).astype(np.int16)
