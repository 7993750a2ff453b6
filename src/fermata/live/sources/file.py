"""A recording as a live source: any file that PyAV reads, in constant memory.

WAV is read by its header, whatever its channels, width and rate, RIFF, RF64 or extensible, and
also the way call recorders leave it (a data size of 0 or 0xFFFFFFFF, the end cut off): FFmpeg
does all that, and measured against every width it is exact, so there is no reader of our own.

How samples become 16-bit: 16-bit ones stay as they are; 8-bit ones are taken times 256; wider
and floating-point ones are rounded to the nearest (ties to even), beyond full scale clipped,
and a float that is not a number is silence.
"""

import stat
from collections.abc import Container, Generator, Iterable, Iterator
from os import PathLike, fspath
from pathlib import Path
from threading import Event

import numpy as np

from fermata.audio import NotAudioError, decode_blocks, probe
from fermata.audio import Samples as FloatSamples
from fermata.drivers import is_local, local_path
from fermata.errors import UsageError
from fermata.live.frames import Block, Samples, samples_per_block
from fermata.live.levels import FULL_SCALE
from fermata.live.sources import (
    FALLBACK_RATE_HZ,
    STREAMING_RATES_HZ,
    Losses,
    SourceError,
    speaker_names,
)
from fermata.redact import without_credentials


class FileSource:
    """A source read from a file, see `fermata.live.sources.Source`; `Capture` paces it.

    Args:
        path: The file, or its `file://` address.
        accepted_rates_hz: What the service takes; a file of another rate is resampled to
            16,000 Hz.

    Raises:
        UsageError: The file does not exist, can't be read, or holds no audio; or it is a pipe,
            a device or an address of another machine.
    """

    is_live = False
    losses = Losses()

    def __init__(
        self,
        path: str | PathLike[str],
        accepted_rates_hz: Container[int] = STREAMING_RATES_HZ,
    ) -> None:
        self._path = _file_at(path)
        self.name = self._path.name
        try:
            facts = probe(self._path)
        except (NotAudioError, OSError) as error:
            raise UsageError(f"{self.name!r} can't be streamed: {_reason(error)}") from error
        own_rate_hz = facts.sample_rate_hz
        self.sample_rate_hz = own_rate_hz if own_rate_hz in accepted_rates_hz else FALLBACK_RATE_HZ
        self.channel_names = speaker_names(facts.channels)
        self.duration_s = facts.duration_s
        self._closed = Event()

    def blocks(self) -> Generator[Block, None, None]:
        """Yields the file in blocks of 50 ms, as fast as they are asked for.

        Raises:
            SourceError: The file turns out to be damaged, or can't be read to its end.
        """
        try:
            pieces = map(to_int16, decode_blocks(self._path, self.sample_rate_hz))
            for block in cut(pieces, samples_per_block(self.sample_rate_hz)):
                if self._closed.is_set():
                    return
                yield block
        except (NotAudioError, OSError) as error:
            raise SourceError(f"{self.name!r} can't be read on: {_reason(error)}") from error

    def close(self) -> None:
        """Ends `blocks` at the next one; may be called from any thread."""
        self._closed.set()


def _file_at(path: str | PathLike[str]) -> Path:
    """The file that is meant, unless it is none.

    Its length and its channels are read first and its audio later, even more than once: a pipe
    gives what it holds once, and opening one that nobody writes to would wait for ever.
    """
    address = fspath(path)
    if not is_local(address):
        raise UsageError(
            f"{without_credentials(address, '?#')!r} can't be streamed: a live source is the "
            "microphone (mic) or a file on this machine, as a path or file://; download it first"
        )
    found = local_path(address)
    try:
        mode = found.stat().st_mode
    except (OSError, ValueError):
        # Whoever opens it says what is wrong.
        return found
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UsageError(
            f"{address!r} can't be streamed: it is a pipe or a device, which can't be read twice; "
            "write the audio to a file and stream that, or use the microphone (mic)"
        )
    return found


def to_int16(samples: FloatSamples) -> Samples:
    """Turns samples in [-1, 1] into 16-bit ones, by the rules at the top of this module."""
    scaled = np.rint(np.nan_to_num(samples) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def cut(pieces: Iterable[Samples], samples: int) -> Iterator[Block]:
    """Cuts audio that comes in pieces of any length into blocks of `samples`, the last shorter."""
    start = 0
    waiting: list[Samples] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += piece.shape[1]
        if count >= samples:
            joined = np.concatenate(waiting, axis=1)
            for offset in range(0, count - samples + 1, samples):
                yield Block(start + offset, joined[:, offset : offset + samples])
            done = count - count % samples
            start += done
            waiting = [joined[:, done:]]
            count -= done
    if count:
        yield Block(start, np.concatenate(waiting, axis=1))


def _reason(error: NotAudioError | OSError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
