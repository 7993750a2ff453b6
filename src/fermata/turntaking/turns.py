"""Turns: a speaker's units joined by holds and ended by a shift."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from operator import not_

from fermata.turntaking.backchannels import backchannels_among
from fermata.turntaking.floor import Floor, Silence, SilenceKind
from fermata.turntaking.ipus import Ipu, ipus_of
from fermata.turntaking.words import Conversation


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of one speaker's talk.

    Attributes:
        speaker: who talks.
        holds: the silences inside it, in order.
        last: the silence after its last word: a shift, a lapse, or the end of what is said.
    """

    speaker: str
    holds: tuple[Silence, ...]
    last: Silence

    @property
    def end(self) -> Silence | None:
        """The shift which ends it; None for one that a lapse or the recording broke off."""
        return self.last if self.last.kind is SilenceKind.SHIFT else None

    @property
    def is_finished(self) -> bool:
        """Whether somebody took over at its end."""
        return self.last.kind is SilenceKind.SHIFT


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """A conversation's turn-taking.

    Attributes:
        ipus: each speaker's inter-pausal units.
        backchannels: each speaker's units that claim no floor.
        silences: each speaker's silences, in order.
    """

    ipus: dict[str, tuple[Ipu, ...]]
    backchannels: dict[str, tuple[Ipu, ...]]
    silences: dict[str, tuple[Silence, ...]]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of all speakers, speaker by speaker."""
        return self.turns_of(self.silences)

    def turns_of(self, speakers: Collection[str]) -> tuple[Turn, ...]:
        """The turns of some speakers, speaker by speaker in order."""
        return tuple(
            turn
            for speaker in self.silences
            if speaker in speakers
            for turn in _turns(speaker, self.silences[speaker])
        )

    def speech_ms(self, speakers: Collection[str]) -> int:
        """How long some speakers talk, backchannels left out."""
        chosen = [name for name in self.ipus if name in speakers]
        talked_ms = sum(ipu.duration_ms for name in chosen for ipu in self.ipus[name])
        return talked_ms - sum(ipu.duration_ms for n in chosen for ipu in self.backchannels[n])


def turn_taking(conversation: Conversation) -> TurnTaking:
    """Finds units, backchannels, silences and turns of a conversation."""
    ipus = ipus_of(conversation)
    is_backchannel = backchannels_among(ipus)
    backchannels = {name: tuple(compress(ipus[name], is_backchannel[name])) for name in ipus}
    claiming = {name: tuple(compress(ipus[name], map(not_, is_backchannel[name]))) for name in ipus}
    floor = Floor(claiming, is_punctuated=conversation.is_punctuated)
    silences = {speaker: tuple(floor.silences(speaker)) for speaker in ipus}
    return TurnTaking(ipus, backchannels, silences)


def _turns(speaker: str, silences: Iterable[Silence]) -> Iterator[Turn]:
    holds: list[Silence] = []
    for silence in silences:
        if silence.kind is SilenceKind.HOLD:
            holds.append(silence)
            continue
        yield Turn(speaker, tuple(holds), silence)
        holds = []
