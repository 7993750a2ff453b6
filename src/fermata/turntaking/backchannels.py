"""Backchannels: a listener's short tokens, which claim no floor.

The rule follows VAP's (Ekstedt & Skantze 2022: short activity between stretches of own
silence) and adds where the other speaker must be: talking on around the token.

Where the published definition leaves room, this is read as follows. Of many readings tried
against the published figures it is among the nearest, but none of them met all: the other
goes on after the token's end, having begun before it or paused for less than
`OTHERS_PAUSE_MS` around that end (overlap at either edge is allowed); his own short tokens
are no talk; the start and the end of a recording count as silence.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from operator import not_
from typing import Self

from fermata.turntaking.ipus import Ipu

MAX_DURATION_MS = 1_000
"""The longest backchannel (VAP: 1 s)."""

MAX_WORDS = 3
"""The most words that a backchannel has."""

OWN_SILENCE_MS = 1_000
"""How long its speaker is silent before and after (VAP: 1 s and 2 s)."""

OTHERS_PAUSE_MS = 1_500
"""Units of the other speaker that are closer than this count as talking on."""


def backchannels_among(ipus: Mapping[str, Sequence[Ipu]]) -> dict[str, tuple[bool, ...]]:
    """Which of each speaker's units are backchannels; the others may claim the floor.

    A token that could itself be a backchannel is nobody's talk to listen to, so two of them
    at once are no backchannels of each other.
    """
    tokens = {speaker: _tokens(found) for speaker, found in ipus.items()}
    talk = {
        speaker: _Talk.of(list(compress(found, map(not_, tokens[speaker]))))
        for speaker, found in ipus.items()
    }
    return {
        speaker: tuple(
            is_token and any(talk[other].listened_to_by(ipu) for other in ipus if other != speaker)
            for ipu, is_token in zip(found, tokens[speaker], strict=True)
        )
        for speaker, found in ipus.items()
    }


def _tokens(ipus: Sequence[Ipu]) -> list[bool]:
    silences_ms = [after.start_ms - ipu.end_ms for ipu, after in pairwise(ipus)]
    before_ms = [OWN_SILENCE_MS, *silences_ms]
    after_ms = [*silences_ms, OWN_SILENCE_MS]
    return [
        ipu.duration_ms <= MAX_DURATION_MS
        and min(around_ms) >= OWN_SILENCE_MS
        and ipu.word_count <= MAX_WORDS
        for ipu, *around_ms in zip(ipus, before_ms, after_ms, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Talk:
    """What one speaker says apart from short tokens."""

    ipus: tuple[Ipu, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, ipus: Sequence[Ipu]) -> Self:
        starts = tuple(ipu.start_ms for ipu in ipus)
        return cls(tuple(ipus), starts, tuple(ipu.end_ms for ipu in ipus))

    def listened_to_by(self, token: Ipu) -> bool:
        """Whether a token lies in this talk and answers no question of it."""
        begun = bisect_right(self.starts, token.start_ms) - 1
        if begun < 0 or not self._goes_on_after(token):
            return False
        return not self._has_just_asked(token, begun)

    def _goes_on_after(self, token: Ipu) -> bool:
        after = bisect_right(self.ends, token.end_ms)
        if after == len(self.starts):
            return False
        if self.starts[after] <= token.start_ms:
            return True
        before = bisect_left(self.ends, token.end_ms) - 1
        return before >= 0 and self.starts[after] - self.ends[before] < OTHERS_PAUSE_MS

    def _has_just_asked(self, token: Ipu, begun: int) -> bool:
        words = self.ipus[begun].words
        heard = bisect_left(words, token.start_ms + 1, key=lambda word: word.start_ms)
        return words[heard - 1].asks
