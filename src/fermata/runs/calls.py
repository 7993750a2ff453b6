"""Calls as a replay takes them, read back from the tables of turn-taking."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from fermata.ledger import JobKey
from fermata.replay import NEVER_MS, NO_TURN, CallPauses
from fermata.replay.pauses import Flags, Integers, Numbers
from fermata.storage import Storage
from fermata.tables import IPUS, SILENCES, IpuKind, Table, positive_gaps, read_arrow, rows_of
from fermata.thresholds import Call
from fermata.turntaking import SilenceKind

_Key = tuple[str, str]

_KEY = ["recording_id", "options_hash"]
_SILENCE_COLUMNS = (
    *(*_KEY, "speaker", "index", "kind"),
    *("own_ms", "is_complete", "end_of_turn_confidence"),
)
_IPU_COLUMNS = (*_KEY, "speaker", "kind", "start_ms", "end_ms")
_CATEGORIES = [*_KEY, "speaker", "kind"]
_NO_GAPS = np.zeros(0, np.int64)
_A_PAIR = 2

NOT_HEARD = "the customer's label does not occur in it"
ONE_SPEAKER = "only one speaker was told apart, so no turn has an end"


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to be replayed.

    Attributes:
        calls: by recording.
        left_out: how many others were left out, by reason.
        speakers_of_unheard: the labels in those left out because the customer's does not occur
            in them, by group.
    """

    calls: tuple[Call, ...]
    left_out: Mapping[str, int]
    speakers_of_unheard: Mapping[str, frozenset[str]] = field(default_factory=dict)


def calls_of(storage: Storage, groups: Mapping[JobKey, str], customer: str | None) -> Calls:
    """Reads calls back from the tables, as `pauses_of` would find them in the transcripts.

    Args:
        storage: the data folder.
        groups: which transcripts, and the group of each.
        customer: label or channel of the customer in the transcripts; only that speaker's
            turns count. None for all speakers.

    Raises:
        TableError: a file of a table cannot be read.
    """
    silences = _read(storage, SILENCES, _SILENCE_COLUMNS, groups)
    ipus = _read(storage, IPUS, _IPU_COLUMNS, groups)
    spoken = {key: frozenset(said.unique()) for key, said in _by_key(ipus)["speaker"]}
    if customer is not None:
        silences = silences[silences["speaker"] == customer]
        ipus = ipus[ipus["speaker"] == customer]
    speech_ms = _speech_ms(ipus)
    reasons = {key: _reason(len(labels), key in speech_ms) for key, labels in spoken.items()}
    fit = sorted(key for key, reason in reasons.items() if reason is None)
    pauses = _pauses(silences, speech_ms)
    gaps_ms = _gaps_ms(storage, groups)
    calls = (
        Call(
            _call_id(key),
            groups[JobKey(*key)],
            pauses.get(key) or _without_silence(speech_ms[key]),
            gaps_ms.get(key, _NO_GAPS),
        )
        for key in fit
    )
    unheard: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for key, reason in reasons.items():
        if reason == NOT_HEARD:
            unheard[groups[JobKey(*key)]] |= spoken[key]
    return Calls(tuple(calls), Counter(filter(None, reasons.values())), unheard)


def _call_id(key: _Key) -> str:
    return ".".join(key)


def _reason(speakers: int, is_heard: bool) -> str | None:  # noqa: FBT001 - what was found
    if speakers < _A_PAIR:
        return ONE_SPEAKER
    return None if is_heard else NOT_HEARD


def _read(
    storage: Storage, table: Table, columns: Sequence[str], keys: Iterable[JobKey]
) -> pd.DataFrame:
    rows = read_arrow(storage, table, columns, rows_of(keys))
    frame: pd.DataFrame = rows.to_pandas(categories=_CATEGORIES)
    return frame


def _by_key(frame: pd.DataFrame) -> Any:
    return frame.groupby(_KEY, observed=True, sort=False)


def _speech_ms(ipus: pd.DataFrame) -> dict[_Key, int]:
    """How long the speakers talk, backchannels left out; also of those who do nothing else."""
    lengths = (ipus["end_ms"] - ipus["start_ms"]).where(ipus["kind"] != IpuKind.BACKCHANNEL, 0)
    totals = _by_key(ipus.assign(length_ms=lengths))["length_ms"].sum()
    return {cast("_Key", key): int(total) for key, total in totals.items()}


def _gaps_ms(storage: Storage, keys: Iterable[JobKey]) -> dict[_Key, Integers]:
    gaps = positive_gaps(storage, keys)
    lengths = gaps["gap_ms"].to_numpy(np.int64)
    positions = cast("Mapping[_Key, npt.NDArray[np.intp]]", _by_key(gaps).indices)
    return {key: lengths[at] for key, at in positions.items()}


def _pauses(silences: pd.DataFrame, speech_ms: Mapping[_Key, int]) -> dict[_Key, CallPauses]:
    """The pauses of each call that has any silence of the chosen speakers."""
    if silences.empty:
        return {}
    ordered = silences.sort_values([*_KEY, "index"], ignore_index=True)
    codes = np.stack([ordered[name].cat.codes.to_numpy() for name in _KEY])
    changes = np.flatnonzero((codes[:, 1:] != codes[:, :-1]).any(axis=0)) + 1
    starts = [0, *changes.tolist()]
    names = ordered.loc[starts, _KEY].astype(str).itertuples(index=False, name=None)
    rows = _Rows.of(ordered)
    return {
        key: rows.call(start, stop, speech_ms[key])
        for key, (start, stop) in zip(names, pairwise([*starts, len(ordered)]), strict=True)
    }


def _without_silence(speech_ms: int) -> CallPauses:
    """Whoever says one thing, and that inside another's turn, never holds the floor."""
    none = np.zeros(0)
    return CallPauses(
        hold_ms=none.astype(np.int64),
        hold_is_complete=none.astype(np.bool_),
        hold_confidence=none,
        hold_turn=none.astype(np.int64),
        turn_is_complete=none.astype(np.bool_),
        turn_confidence=none,
        turn_own_ms=none.astype(np.int64),
        speech_ms=speech_ms,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Silences of calls one after the other, as arrays.

    A turn's holds stand before the silence that ends it, whose kind says whether somebody
    took over; so the turn of a hold is that of the next silence which is no hold.

    Attributes:
        own_ms: how long the speaker is silent, or `NEVER_MS`.
        is_complete: whether it follows a complete sentence.
        confidence: the end-of-turn confidence there, NaN where unknown.
        is_hold: whether it is a hold.
        is_shift: whether it is the end of a finished turn.
        turn: the finished turn that it lies in or ends, counted through all calls, or
            `NO_TURN` where that turn never finishes.
        finished_before: how many finished turns end before it.
    """

    own_ms: Integers
    is_complete: Flags
    confidence: Numbers
    is_hold: Flags
    is_shift: Flags
    turn: Integers
    finished_before: Integers

    @classmethod
    def of(cls, ordered: pd.DataFrame) -> Self:
        is_hold = (ordered["kind"] == SilenceKind.HOLD).to_numpy()
        is_shift = (ordered["kind"] == SilenceKind.SHIFT).to_numpy()
        ends = np.flatnonzero(~is_hold)
        end_of = ends[np.searchsorted(ends, np.arange(is_hold.size))]
        finished_before: Integers = np.cumsum(is_shift) - is_shift
        own_ms = ordered["own_ms"].to_numpy(np.float64, na_value=np.nan)
        return cls(
            own_ms=np.where(np.isnan(own_ms), NEVER_MS, np.nan_to_num(own_ms).astype(np.int64)),
            is_complete=ordered["is_complete"].to_numpy(np.bool_),
            confidence=ordered["end_of_turn_confidence"].to_numpy(np.float64),
            is_hold=is_hold,
            is_shift=is_shift,
            turn=np.where(is_shift[end_of], finished_before, NO_TURN),
            finished_before=finished_before,
        )

    def call(self, start: int, stop: int, speech_ms: int) -> CallPauses:
        rows = slice(start, stop)
        hold, shift = self.is_hold[rows], self.is_shift[rows]
        turn = self.turn[rows][hold]
        return CallPauses(
            hold_ms=self.own_ms[rows][hold],
            hold_is_complete=self.is_complete[rows][hold],
            hold_confidence=self.confidence[rows][hold],
            hold_turn=np.where(turn == NO_TURN, NO_TURN, turn - self.finished_before[start]),
            turn_is_complete=self.is_complete[rows][shift],
            turn_confidence=self.confidence[rows][shift],
            turn_own_ms=self.own_ms[rows][shift],
            speech_ms=speech_ms,
        )
