"""The tables `ipus`, `silences` and `turns`: a conversation's turn-taking, without its words.

Rows of a recording are numbered through its speakers in order of the alphabet, each in order
of time.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from fermata.tables.schemas import Table, required
from fermata.turntaking import Ipu, Silence, SilenceKind, Turn, TurnTaking

_TEXT = pa.string()
_INTEGER = pa.int64()
_YES_OR_NO = pa.bool_()

_WHOSE = tuple(
    required(name, _TEXT) for name in ("recording_id", "options_hash", "group", "speaker")
)
_KEY = ("recording_id", "options_hash", "index")

IPUS = Table(
    "ipus",
    pa.schema(
        [
            *_WHOSE,
            required("index", _INTEGER),
            required("kind", _TEXT),
            required("start_ms", _INTEGER),
            required("end_ms", _INTEGER),
            required("words", _INTEGER),
        ]
    ),
    key=_KEY,
)
"""One row per inter-pausal unit."""

SILENCES = Table(
    "silences",
    pa.schema(
        [
            *_WHOSE,
            required("index", _INTEGER),
            required("turn_index", _INTEGER),
            required("kind", _TEXT),
            required("start_ms", _INTEGER),
            pa.field("resumes_ms", _INTEGER),
            pa.field("own_ms", _INTEGER),
            required("is_complete", _YES_OR_NO),
            pa.field("end_of_turn_confidence", pa.float64()),
            pa.field("next_speaker", _TEXT),
            pa.field("floor_transfer_offset_ms", _INTEGER),
        ]
    ),
    key=_KEY,
)
"""One row per silence of a speaker: hold, shift, lapse, or the end of what he says."""

TURNS = Table(
    "turns",
    pa.schema(
        [
            *_WHOSE,
            required("index", _INTEGER),
            required("start_ms", _INTEGER),
            required("end_ms", _INTEGER),
            required("is_finished", _YES_OR_NO),
            required("ends_complete", _YES_OR_NO),
            required("holds", _INTEGER),
            pa.field("longest_hold_ms", _INTEGER),
            required("words", _INTEGER),
            required("speech_ms", _INTEGER),
            pa.field("next_speaker", _TEXT),
            pa.field("floor_transfer_offset_ms", _INTEGER),
        ]
    ),
    key=_KEY,
)
"""One row per turn; one that nobody took over is not finished."""


class IpuKind(StrEnum):
    """What an inter-pausal unit does."""

    TURN = "turn"
    BACKCHANNEL = "backchannel"
    FAILED_ATTEMPT = "failed_attempt"


@dataclass(frozen=True, slots=True)
class RecordingTurnTaking:
    """The turn-taking of one transcript.

    Attributes:
        recording_id: SHA-256 of the content, hex.
        options_hash: hash of the request options.
        group: first sub-folder below the source.
        found: its units, silences and turns.
    """

    recording_id: str
    options_hash: str
    group: str
    found: TurnTaking


@dataclass(frozen=True, slots=True)
class TurnTakingFrames:
    """The three tables of some recordings."""

    ipus: pa.Table
    silences: pa.Table
    turns: pa.Table


def turn_taking_frames(recordings: Iterable[RecordingTurnTaking]) -> TurnTakingFrames:
    """The tables `ipus`, `silences` and `turns` of some recordings."""
    ipus, silences, turns = _Columns(IPUS), _Columns(SILENCES), _Columns(TURNS)
    for each in recordings:
        whose = (each.recording_id, each.options_hash, each.group)
        kinds = _kinds(each.found)
        ipus.add(whose, _ipu_rows(each.found, kinds))
        silences.add(whose, _silence_rows(each.found))
        turns.add(whose, _turn_rows(each.found, kinds))
    return TurnTakingFrames(ipus.table(), silences.table(), turns.table())


class _Columns:
    """Rows on their way into a table; column by column is ten times as fast as row by row."""

    def __init__(self, table: Table) -> None:
        self._schema = table.schema
        self._columns: list[list[Any]] = [[] for _ in table.schema.names]

    def add(self, whose: tuple[str, str, str], rows: Iterator[tuple[Any, ...]]) -> None:
        for index, (speaker, *values) in enumerate(rows):
            row = (*whose, speaker, index, *values)
            for column, value in zip(self._columns, row, strict=True):
                column.append(value)

    def table(self) -> pa.Table:
        return pa.table(self._columns, schema=self._schema)


_Kinds = dict[str, tuple[IpuKind, ...]]


def _kinds(found: TurnTaking) -> _Kinds:
    """What each unit is; one that is neither backchannel nor followed by a silence failed."""
    kinds: _Kinds = {}
    for speaker, ipus in found.ipus.items():
        backchannels = set(map(id, found.backchannels[speaker]))
        ends = {silence.start_ms for silence in found.silences[speaker]}
        kinds[speaker] = tuple(_kind(ipu, backchannels, ends) for ipu in ipus)
    return kinds


def _kind(ipu: Ipu, backchannels: set[int], ends_ms: set[int]) -> IpuKind:
    if id(ipu) in backchannels:
        return IpuKind.BACKCHANNEL
    return IpuKind.TURN if ipu.end_ms in ends_ms else IpuKind.FAILED_ATTEMPT


def _ipu_rows(found: TurnTaking, kinds: _Kinds) -> Iterator[tuple[Any, ...]]:
    for speaker, ipus in found.ipus.items():
        for ipu, kind in zip(ipus, kinds[speaker], strict=True):
            yield speaker, kind, ipu.start_ms, ipu.end_ms, ipu.word_count


def _silence_rows(found: TurnTaking) -> Iterator[tuple[Any, ...]]:
    turn_index = 0
    for speaker, silences in found.silences.items():
        for each in silences:
            yield speaker, turn_index, *_silence(each)
            turn_index += each.kind is not SilenceKind.HOLD


def _silence(each: Silence) -> tuple[Any, ...]:
    return (
        each.kind,
        each.start_ms,
        each.resumes_ms,
        each.own_ms,
        each.is_complete,
        each.after.end_of_turn_confidence,
        each.next_speaker,
        each.floor_transfer_offset_ms,
    )


def _turn_rows(found: TurnTaking, kinds: _Kinds) -> Iterator[tuple[Any, ...]]:
    turns: defaultdict[str, list[Turn]] = defaultdict(list)
    for turn in found.turns:
        turns[turn.speaker].append(turn)
    for speaker, ipus in found.ipus.items():
        claimed = [
            ipu for ipu, kind in zip(ipus, kinds[speaker], strict=True) if kind is IpuKind.TURN
        ]
        ends = [ipu.end_ms for ipu in claimed]
        first = 0
        for turn in turns[speaker]:
            beyond = bisect_right(ends, turn.last.start_ms, lo=first)
            yield speaker, *_turn(turn, claimed[first:beyond])
            first = beyond


def _turn(turn: Turn, ipus: list[Ipu]) -> tuple[Any, ...]:
    end = turn.end
    return (
        ipus[0].start_ms,
        turn.last.start_ms,
        turn.is_finished,
        turn.last.is_complete,
        len(turn.holds),
        max((hold.own_ms or 0 for hold in turn.holds), default=None),
        sum(ipu.word_count for ipu in ipus),
        sum(ipu.duration_ms for ipu in ipus),
        end.next_speaker if end else None,
        end.floor_transfer_offset_ms if end else None,
    )
