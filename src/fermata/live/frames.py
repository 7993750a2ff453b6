"""The units of live audio: a block of all channels, and one channel's frame on its way out.

Both carry the sample at which they start, counted per channel since the start of the source,
so that whatever is dropped on the way leaves a hole of known place and length.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

BLOCK_MS = 50
"""Length of a block. The streaming service takes 50 to 1,000 ms a message and advises 50."""

_BLOCKS_PER_S = 1000 // BLOCK_MS


@dataclass(frozen=True, slots=True)
class Block:
    """What a source yields: 50 ms of all channels; only the last block may be shorter.

    Attributes:
        start_sample: Place in the source, in samples per channel since its start.
        samples: 16-bit samples of shape (channels, samples per channel).
    """

    start_sample: int
    samples: Samples

    @property
    def end_sample(self) -> int:
        """The place in the source right after this block."""
        return self.start_sample + self.sample_count

    @property
    def sample_count(self) -> int:
        """How many samples of each channel the block holds."""
        return int(self.samples.shape[1])


@dataclass(frozen=True, slots=True)
class Frame:
    """What a session sends: one channel of a block.

    Attributes:
        start_sample: Place in the source, in samples per channel since its start.
        pcm: Signed 16-bit little-endian samples.
    """

    start_sample: int
    pcm: bytes

    @property
    def sample_count(self) -> int:
        """How many samples the frame holds."""
        return len(self.pcm) // 2

    @property
    def end_sample(self) -> int:
        """The place in the source right after this frame."""
        return self.start_sample + self.sample_count


def samples_per_block(sample_rate_hz: int) -> int:
    """The samples per channel of a block: 50 ms, rounded up where that isn't whole.

    >>> samples_per_block(16000), samples_per_block(11025)
    (800, 552)
    """
    return -(-sample_rate_hz // _BLOCKS_PER_S)


def split_channels(block: Block) -> tuple[Frame, ...]:
    """Turns a block into one frame per channel, in the order of the channels."""
    return tuple(
        Frame(block.start_sample, channel.astype("<i2", copy=False).tobytes())
        for channel in block.samples
    )
