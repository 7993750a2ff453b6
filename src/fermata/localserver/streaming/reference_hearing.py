"""What is heard in a channel whose transcript is known: its words, at their times.

No sound is listened to, so many channels cost next to nothing, and speech is exactly where the
reference has words. A word is uncertain from its middle on, and certain at its end.
"""

from dataclasses import replace
from itertools import pairwise

from fermata.localserver.streaming.blocks import Blocks
from fermata.localserver.streaming.known_audio import (
    SILENT,
    KnownAudio,
    Place,
    block_hash,
    block_samples,
)
from fermata.localserver.streaming.language import Language
from fermata.localserver.streaming.pcm import Pcm
from fermata.localserver.streaming.timeline import Step, Word


class ReferenceHearing:
    """Follows a known recording while it streams, across holes as well.

    A block that isn't known is taken for the one expected: the last one of a file, filled up with
    silence, or audio that goes on after the recording.

    Args:
        known: All recordings that are known.
        rate_hz: The rate of the session's audio.
        place: Where the next block is from.
        start_sample: Where in the session the next block begins.
    """

    def __init__(self, known: KnownAudio, rate_hz: int, place: Place, start_sample: int) -> None:
        self._known = known
        self._rate_hz = rate_hz
        self._blocks = Blocks(block_samples(rate_hz))
        self._place = place
        self._sample = start_sample
        self._tentative: tuple[Word, ...] = ()
        self._speaking = False

    @property
    def language(self) -> Language:
        """How the words of this recording are written."""
        return self._place.track.language

    @property
    def speech_probability(self) -> float:
        """How likely it is that somebody is speaking."""
        return float(self._speaking)

    def listen_from(self, vad_threshold: float) -> None:
        """Does nothing: no sound is listened to."""

    async def hear(self, samples: Pcm, behind_ms: int) -> list[Step]:  # noqa: ARG002
        """The steps of the blocks that are whole with these samples."""
        return [step for block in self._blocks.add(samples) for step in self._block(block)]

    async def settle(self) -> list[Step]:
        """Makes the uncertain words certain."""
        final, self._tentative = self._tentative, ()
        now_ms = self._ms(self._sample)
        return [Step(now_ms, self._speaking, final=final, tentative=())]

    async def finish(self) -> list[Step]:
        """The steps of what is left, shorter than a block; nothing is uncertain then."""
        rest = self._blocks.rest()
        steps = self._block(rest) if rest.size else []
        return [*steps, *(await self.settle())]

    def _block(self, block: Pcm) -> list[Step]:
        """The steps of one block, which is looked up where it isn't the one expected."""
        left = self._find_again(block)
        words = self._words_near()
        shift_ms = self._ms(self._sample - self._place.block * block_samples(self._rate_hz))
        start_ms = self._ms(self._sample)
        self._sample += len(block)
        self._place = self._place.after(1)
        shifted = [_moved(word, shift_ms) for word in words]
        steps = self._steps(shifted, start_ms, self._ms(self._sample))
        if left:
            steps[0] = replace(steps[0], final=(*left, *steps[0].final))
        return steps

    def _find_again(self, block: Pcm) -> tuple[Word, ...]:
        """Follows a jump in the recording; gives back the words that it broke off."""
        found = block_hash(block, self._rate_hz)
        if found == SILENT or self._place.holds(found):
            return ()
        place = self._known.find(found)
        if place is None:
            return ()
        self._place = place
        left, self._tentative = self._tentative, ()
        return left

    def _words_near(self) -> list[Word]:
        """The words of the recording that reach into the next block."""
        start = self._place.block * block_samples(self._rate_hz)
        end = start + block_samples(self._rate_hz)
        return self._place.track.words_between(self._ms(start), self._ms(end))

    def _steps(self, words: list[Word], start_ms: int, end_ms: int) -> list[Step]:
        """The steps of a stretch, cut wherever a word begins, is half said, or ends."""
        cuts = {cut for word in words for cut in (word.start_ms, _middle(word), word.end_ms)}
        borders = sorted({start_ms, end_ms} | {cut for cut in cuts if start_ms < cut < end_ms})
        return [self._step(words, *border) for border in pairwise(borders)]

    def _step(self, words: list[Word], start_ms: int, end_ms: int) -> Step:
        """One step: in it, no word begins or ends."""
        begun = [_in_session(word) for word in words if start_ms < _middle(word) <= end_ms]
        tentative = (*self._tentative, *begun)
        final = tuple(word for word in tentative if word.end_ms <= end_ms)
        self._tentative = tuple(word for word in tentative if word.end_ms > end_ms)
        self._speaking = any(word.start_ms <= start_ms and end_ms <= word.end_ms for word in words)
        return Step(end_ms, self._speaking, final=final, tentative=self._tentative)

    def _ms(self, samples: int) -> int:
        """So many samples, in whole ms."""
        return samples * 1000 // self._rate_hz


def _middle(word: Word) -> int:
    """When a word is half said."""
    return (word.start_ms + word.end_ms + 1) // 2


def _in_session(word: Word) -> Word:
    """A word whose beginning was never sent begins with the session: no time is negative."""
    return replace(word, start_ms=max(0, word.start_ms))


def _moved(word: Word, by_ms: int) -> Word:
    """A word at another time."""
    return replace(word, start_ms=word.start_ms + by_ms, end_ms=word.end_ms + by_ms)
