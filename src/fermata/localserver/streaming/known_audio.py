"""The audio of the reference transcripts, block by block, to be known again while it streams.

What a session will stream isn't known when it begins, and after a lost connection it begins amid
a recording. So every 50 ms block of every channel is kept as a hash of its samples, and a block
that is received tells where it is from. Blocks of digital silence tell nothing. A client that
sends other samples than the file's, resampled or mixed, or cuts its blocks at other samples than
whole multiples of 50 ms, isn't recognised.
"""

import hashlib
import logging
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fermata.audio import NotAudioError, decode, probe
from fermata.localserver.results import Result
from fermata.localserver.streaming.language import Language, language_of
from fermata.localserver.streaming.pcm import Pcm
from fermata.localserver.streaming.timeline import Word

BLOCKS_PER_S = 20

SILENT = b""
"""The hash of a block whose samples are all the same."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Track:
    """One channel of a reference: the hashes of its blocks, and what is said in it, by start."""

    hashes: tuple[bytes, ...]
    words: tuple[Word, ...]
    language: Language
    longest_ms: int

    def words_between(self, start_ms: int, end_ms: int) -> list[Word]:
        """The words that reach into a stretch of the recording."""
        first = bisect_left(self.words, start_ms - self.longest_ms, key=_start)
        last = bisect_left(self.words, end_ms, key=_start)
        return [word for word in self.words[first:last] if word.end_ms >= start_ms]


@dataclass(frozen=True, slots=True)
class Place:
    """A block of a track, by its number."""

    track: Track
    block: int

    def holds(self, found: bytes) -> bool:
        """Whether that block has that hash."""
        return 0 <= self.block < len(self.track.hashes) and self.track.hashes[self.block] == found

    def after(self, blocks: int) -> "Place":
        """The place so many blocks later."""
        return Place(self.track, self.block + blocks)


class KnownAudio:
    """All reference audio of a server; of several equal blocks, the first one counts."""

    def __init__(self, tracks: Iterable[Track] = ()) -> None:
        self._places: dict[bytes, Place] = {}
        for track in tracks:
            for number, found in enumerate(track.hashes):
                if found != SILENT:
                    self._places.setdefault(found, Place(track, number))

    def find(self, found: bytes) -> Place | None:
        """Where a block with that hash is from."""
        return self._places.get(found)

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self._places)


def read_known_audio(recordings: Sequence[tuple[Path, Result]]) -> KnownAudio:
    """Reads the audio of all references; what isn't audio can't be streamed, and is left out."""
    return KnownAudio(track for path, result in recordings for track in _tracks(path, result))


def block_samples(rate_hz: int) -> int:
    """The samples of a block: 50 ms, rounded up where that isn't whole."""
    return -(-rate_hz // BLOCKS_PER_S)


def block_hash(samples: Pcm, rate_hz: int) -> bytes:
    """What a block is known by; the same samples at another rate are another block."""
    if samples.size == 0 or (samples == samples[0]).all():
        return SILENT
    salt = rate_hz.to_bytes(4, "little")
    return hashlib.blake2b(samples.astype("<i2").tobytes(), digest_size=8, salt=salt).digest()


def _tracks(path: Path, result: Result) -> Iterator[Track]:
    """The channels of one reference."""
    try:
        rate_hz = probe(path).sample_rate_hz
        audio = np.rint(decode(path, rate_hz) * 32768).clip(-32768, 32767).astype(np.int16)
    except NotAudioError as error:
        _logger.debug("the reference %s can't be streamed: %s", path.name, error)
        return
    words = [_word(one) for one in result.words]
    language = language_of(words)
    for number, channel in enumerate(audio, start=1):
        size = block_samples(rate_hz)
        blocks = (channel[start : start + size] for start in range(0, len(channel), size))
        said = _said_in(number, result.words, words)
        yield Track(
            hashes=tuple(block_hash(block, rate_hz) for block in blocks),
            words=said,
            language=language,
            longest_ms=max((word.end_ms - word.start_ms for word in said), default=0),
        )


def _said_in(
    number: int, sources: Sequence[dict[str, Any]], words: Sequence[Word]
) -> tuple[Word, ...]:
    """The words of a channel, in order; all of them, where the reference names no channels."""
    named = any(source.get("channel") is not None for source in sources)
    mine = [
        word
        for source, word in zip(sources, words, strict=True)
        if not named or str(source.get("channel")) == str(number)
    ]
    return tuple(sorted(mine, key=lambda word: (word.start_ms, word.end_ms)))


def _start(word: Word) -> int:
    """What the words of a track are ordered by."""
    return word.start_ms


def _word(source: dict[str, Any]) -> Word:
    """A word of a transcript."""
    return Word(
        text=source["text"],
        start_ms=source["start"],
        end_ms=source["end"],
        confidence=source.get("confidence") or 0.0,
        speaker=source.get("speaker"),
    )
