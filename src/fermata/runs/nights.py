"""A night's new recordings by themselves, set beside the nights before."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fermata.calibration import LatestChoices, Scope
from fermata.drift import CallFigures, DriftFinding, Performance, assess, nights_frame
from fermata.ledger import JobKey
from fermata.quality import QUALITY
from fermata.replay import PolicyGrid, Rule, replay, rule_of
from fermata.runs.acceptance import accepted_on
from fermata.runs.calls import calls_of
from fermata.runs.choosing import rule_for
from fermata.storage import Storage
from fermata.tables import (
    CALIBRATIONS,
    SILENCES,
    positive_gaps,
    read_arrow,
    read_table,
    rows_of,
    write_batch,
)
from fermata.tables.nights import NIGHTS
from fermata.thresholds import ALL_GROUPS, Call
from fermata.turntaking import SilenceKind

_KEY = ["recording_id", "options_hash"]
_FACTS = (
    *(*_KEY, "engine", "speech_model"),
    *("clock_talk_ms", "clock_talk_off_ms", "clock_offset_ms"),
)
# Who was counted is long, and no figure.
_CHARTED = [name for name in NIGHTS.schema.names if name != "counted"]
_NONE = np.zeros(0, np.int64)


def keep_night(
    run_id: str,
    night: date,
    groups: Mapping[JobKey, str],
    published: LatestChoices | None,
    storage: Storage,
    *,
    scope: Scope,
) -> tuple[DriftFinding, ...]:
    """Writes the night's rows of the table `nights`, and says what moved since the others.

    Written again by a repeated run, they are the same. What another run counted already is left
    out: that run ended before its recordings were noted as calibrated.

    Args:
        run_id: which run.
        night: the day it belongs to.
        groups: the transcripts that came with it, and the group of each.
        published: the settings that were in force; None before the first.
        storage: the data folder.
        scope: what the recordings belong to.

    Raises:
        TableError: a file of a table cannot be read.
        StorageError: the rows could not be written.
    """
    known = _counted_by_others(run_id, groups, storage)
    new = {key: group for key, group in groups.items() if key not in known}
    calls = calls_of(storage, new, None).calls
    performances = dict(_performances(calls, published)) if published else {}
    frame = nights_frame(run_id, night, tuple(_figures(new, storage)), performances)
    write_batch(storage, NIGHTS, run_id, frame)
    nights = _of_scope(read_table(storage, NIGHTS, _CHARTED), storage, scope)
    return assess(nights, accepted=accepted_on(nights, storage, scope))


def _of_scope(nights: pd.DataFrame, storage: Storage, scope: Scope) -> pd.DataFrame:
    """The nights without those of other scopes, whose groups may have the same names."""
    rows = read_arrow(storage, CALIBRATIONS, ("run_id", "scope")).to_pylist()
    own = {scope.name, "", None} if scope.is_main else {scope.name}
    others = {row["run_id"] for row in rows if row["scope"] not in own}
    return nights[~nights["run_id"].isin(others)]


def _counted_by_others(run_id: str, keys: Iterable[JobKey], storage: Storage) -> set[JobKey]:
    others = [("group", "==", ALL_GROUPS), ("run_id", "!=", run_id)]
    nights = read_arrow(storage, NIGHTS, ("counted",), others)
    counted = pa.Table.from_struct_array(pc.list_flatten(nights["counted"]))
    ids = pa.array([key.recording_id for key in keys], pa.string())
    found = counted.filter(pc.is_in(counted["recording_id"], ids)).to_pylist()
    return {JobKey(**each) for each in found}


def _figures(groups: Mapping[JobKey, str], storage: Storage) -> Iterator[CallFigures]:
    gaps_ms = _by_key(positive_gaps(storage, groups), "gap_ms")
    pauses_ms = _by_key(_holds(groups, storage), "own_ms")
    for row in read_arrow(storage, QUALITY, _FACTS, rows_of(groups)).to_pylist():
        key = JobKey(row["recording_id"], row["options_hash"])
        yield CallFigures(
            group=groups[key],
            gaps_ms=gaps_ms.get(key, _NONE),
            pauses_ms=pauses_ms.get(key, _NONE),
            **row,
        )


def _holds(groups: Collection[JobKey], storage: Storage) -> pd.DataFrame:
    rows = read_arrow(storage, SILENCES, (*_KEY, "kind", "own_ms"), rows_of(groups))
    frame: pd.DataFrame = rows.to_pandas()
    return frame[frame["kind"] == SilenceKind.HOLD]


def _by_key(frame: pd.DataFrame, column: str) -> dict[JobKey, Any]:
    grouped = frame.groupby(_KEY, observed=True, sort=False)[column]
    return {JobKey(*map(str, key)): values.to_numpy(np.int64) for key, values in grouped}


def _performances(
    calls: Collection[Call], published: LatestChoices
) -> Iterator[tuple[str, Performance]]:
    """What the published setting would have done, for each group with finished turns."""
    for group in (ALL_GROUPS, *sorted({call.group for call in calls})):
        choice = published.groups.get(group, published.overall)
        chosen = [call for call in calls if group in {ALL_GROUPS, call.group}]
        rule = rule_for(rule_of(choice.speech_model), chosen)
        turns = sum(call.pauses.turn_own_ms.size for call in chosen)
        if rule is None or not turns:
            continue
        pair = choice.min_turn_silence_ms, choice.max_turn_silence_ms
        yield group, _performance(chosen, pair, rule, turns)


def _performance(
    calls: Collection[Call], pair: tuple[int, int], rule: Rule, turns: int
) -> Performance:
    plane = replay([call.pauses for call in calls], PolicyGrid.one(*pair, rule))
    measures = plane.measures()
    rate, wait_ms = measures.cut_in_rate.item(), measures.mean_wait_ms.item()
    return Performance(*pair, turns, rate, wait_ms)
