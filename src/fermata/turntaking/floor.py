"""Who holds the floor at each silence: holds, shifts, lapses, failed attempts.

Heldner & Edlund 2010: a pause lies within a speaker's turn, a gap between two speakers, an
overlap is a gap below zero. Skantze 2021: at a silence the same speaker goes on (hold) or
another takes over (shift).

A unit that begins more than `TAKEOVER_WINDOW_MS` after another's and ends within it is a
failed attempt: left out, even if somebody speaks before its speaker resumes. The floor can
change at the end of a unit only; shorter silences inside one are holds.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from fermata.turntaking.ipus import Ipu
from fermata.turntaking.words import Word

MIN_SILENCE_MS = 100
"""The shortest silence after a word that counts as one (LiveKit's eot-bench: 100 ms)."""

TAKEOVER_WINDOW_MS = 1_000
"""Whoever takes over may have begun this long before the unit which he talks over."""

COMPLETE_LAPSE_MS = 3_000
"""From here on a hold after a complete sentence is a lapse: nobody wanted the floor."""

OPEN_LAPSE_MS = 5_000
"""From here on any other hold is a lapse."""


class SilenceKind(StrEnum):
    """What happened to the floor at a silence."""

    HOLD = "hold"
    SHIFT = "shift"
    LAPSE = "lapse"
    END = "end"


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence of one speaker, after one of his words.

    Attributes:
        speaker: who stops.
        kind: what happened to the floor.
        start_ms: when the speaker stops.
        resumes_ms: when he goes on with something other than a backchannel; None if never.
        after: the last word.
        is_complete: whether that word ends a sentence; never, where there is no punctuation.
        next_speaker: who takes over at a shift, else None.
        floor_transfer_offset_ms: at a shift, the next speaker's start minus `start_ms`:
            above 0 a gap, below 0 an overlap; else None.
    """

    speaker: str
    kind: SilenceKind
    start_ms: int
    resumes_ms: int | None
    after: Word
    is_complete: bool
    next_speaker: str | None
    floor_transfer_offset_ms: int | None

    @property
    def own_ms(self) -> int | None:
        """How long the speaker is silent; None where he never speaks again."""
        return None if self.resumes_ms is None else self.resumes_ms - self.start_ms


class Floor:
    """The units of a conversation that may claim the floor."""

    def __init__(self, claiming: Mapping[str, Sequence[Ipu]], *, is_punctuated: bool) -> None:
        """Prepares the look-up.

        Args:
            claiming: each speaker's units without backchannels, in order.
            is_punctuated: whether terminal marks can be relied on.
        """
        self._claiming = {name: tuple(ipus) for name, ipus in claiming.items()}
        self._is_punctuated = is_punctuated
        self._starts = {n: [ipu.start_ms for ipu in ipus] for n, ipus in self._claiming.items()}

    def attempts(self, speaker: str) -> tuple[Ipu, ...]:
        """A speaker's units but for failed attempts: those wholly inside another's turn."""
        return tuple(ipu for ipu in self._claiming[speaker] if not self._is_talked_through(ipu))

    def silences(self, speaker: str) -> Iterator[Silence]:
        """A speaker's silences, in order: the pauses inside his units and what follows them."""
        units = self.attempts(speaker)
        for ipu, following in zip_longest(units, units[1:]):
            yield from self._pauses(ipu)
            yield self._after(ipu, following)

    def _pauses(self, ipu: Ipu) -> Iterator[Silence]:
        for word, following in ipu.pauses():
            if following.start_ms - word.end_ms >= MIN_SILENCE_MS:
                yield self._held(ipu.speaker, word, word.end_ms, following.start_ms)

    def _after(self, ipu: Ipu, following: Ipu | None) -> Silence:
        word = ipu.words[-1]
        resumes_ms = None if following is None else following.start_ms
        taker = self._taker(ipu, resumes_ms)
        if taker is not None:
            offset_ms = taker.start_ms - ipu.end_ms
            return Silence(
                ipu.speaker,
                SilenceKind.SHIFT,
                ipu.end_ms,
                resumes_ms,
                word,
                self._is_complete(word),
                taker.speaker,
                offset_ms,
            )
        return self._held(ipu.speaker, word, ipu.end_ms, resumes_ms)

    def _held(self, speaker: str, word: Word, start_ms: int, resumes_ms: int | None) -> Silence:
        is_complete = self._is_complete(word)
        kind = _kind_unclaimed(is_complete, start_ms, resumes_ms)
        return Silence(speaker, kind, start_ms, resumes_ms, word, is_complete, None, None)

    def _is_complete(self, word: Word) -> bool:
        return self._is_punctuated and word.ends_sentence

    def _taker(self, ipu: Ipu, resumes_ms: int | None) -> Ipu | None:
        earliest_ms = ipu.start_ms - TAKEOVER_WINDOW_MS
        found = [
            other
            for other in self._others_from(ipu.speaker, earliest_ms, resumes_ms)
            if other.end_ms > ipu.end_ms
        ]
        return min(found, key=lambda other: (other.start_ms, other.speaker), default=None)

    def _others_from(self, speaker: str, earliest_ms: int, before_ms: int | None) -> Iterable[Ipu]:
        for name, ipus in self._claiming.items():
            if name == speaker:
                continue
            starts = self._starts[name]
            stop = len(ipus) if before_ms is None else bisect_left(starts, before_ms)
            yield from ipus[bisect_left(starts, earliest_ms) : stop]

    def _is_talked_through(self, ipu: Ipu) -> bool:
        before_ms = ipu.start_ms - TAKEOVER_WINDOW_MS
        for name, ipus in self._claiming.items():
            last = bisect_left(self._starts[name], before_ms) - 1
            if name != ipu.speaker and last >= 0 and ipus[last].end_ms > ipu.end_ms:
                return True
        return False


def _kind_unclaimed(is_complete: bool, start_ms: int, resumes_ms: int | None) -> SilenceKind:  # noqa: FBT001
    if resumes_ms is None:
        return SilenceKind.END
    lapse_ms = COMPLETE_LAPSE_MS if is_complete else OPEN_LAPSE_MS
    return SilenceKind.LAPSE if resumes_ms - start_ms >= lapse_ms else SilenceKind.HOLD
