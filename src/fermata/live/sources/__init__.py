"""Where live audio comes from: what every source offers, in 16-bit blocks of 50 ms."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from fermata.errors import FermataError
from fermata.live.frames import Block

STREAMING_RATES_HZ = range(8_000, 96_001)
"""The sample rates that the streaming service takes."""

FALLBACK_RATE_HZ = 16_000
"""What audio of any other rate is resampled to; every service takes it."""


class SourceError(FermataError):
    """A source that worked gives no more audio; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Audio that a source could not hand over. A file loses none.

    Attributes:
        overflows: How often the sound system said that it lost audio, of unknown length,
            before it reached us.
        dropped_blocks: Blocks given up because they were not fetched in time.
        dropped_ms: How much audio these blocks held, in milliseconds.
    """

    overflows: int = 0
    dropped_blocks: int = 0
    dropped_ms: float = 0.0


class Source(Protocol):
    """Audio of one or more channels, read once from start to end.

    Attributes:
        name: What a person calls it: a file's or a device's name.
        sample_rate_hz: Samples per second of every channel.
        channel_names: One name per channel, in order.
        is_live: Whether it comes at its own pace (a microphone) or has to be paced (a file).
        duration_s: Its length in seconds, where it is known beforehand.
        losses: What was lost so far; may be read from any thread.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    @property
    def sample_rate_hz(self) -> int: ...  # noqa: D102 - see the class

    @property
    def channel_names(self) -> tuple[str, ...]: ...  # noqa: D102 - see the class

    @property
    def is_live(self) -> bool: ...  # noqa: D102 - see the class

    @property
    def duration_s(self) -> float | None: ...  # noqa: D102 - see the class

    @property
    def losses(self) -> Losses: ...  # noqa: D102 - see the class

    def blocks(self) -> Generator[Block, None, None]:
        """Yields the audio in blocks of 50 ms, the last one maybe shorter; call it once.

        Closing the generator gives back what it holds open.
        """
        ...

    def close(self) -> None:
        """Ends `blocks` soon; may be called from any thread, more than once."""
        ...


def speaker_names(channels: int) -> tuple[str, ...]:
    """Names for channels that carry none: "Speaker 1", "Speaker 2"."""
    return tuple(f"Speaker {number}" for number in range(1, channels + 1))
