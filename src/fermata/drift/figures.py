"""A night's rows of the table `nights`, from what is known of each of its new calls."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fermata.tables.nights import NIGHTS
from fermata.thresholds import ALL_GROUPS

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CallFigures:
    """What one new recording adds to its night.

    Attributes:
        recording_id: its content hash.
        options_hash: hash of the request options of its transcript.
        group: whose call.
        gaps_ms: its gaps above zero.
        pauses_ms: the pauses within its speakers' turns, above zero.
        engine: what transcribed it.
        speech_model: the model that the service says it used; None where it says none.
        clock_talk_ms: speech in which the channels' clocks could be compared.
        clock_talk_off_ms: the part of it that is off.
        clock_offset_ms: by how much at most; None where nothing is off.
    """

    recording_id: str
    options_hash: str
    group: str
    gaps_ms: Integers
    pauses_ms: Integers
    engine: str
    speech_model: str | None
    clock_talk_ms: int = 0
    clock_talk_off_ms: int = 0
    clock_offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Performance:
    """What the published setting would have done in a group's calls of a night.

    Attributes:
        published_min_turn_silence_ms: silence that ends a turn which sounds complete.
        published_max_turn_silence_ms: silence that ends any turn.
        turns: finished turns that were replayed.
        cut_in_rate: share of them with at least one cut-in.
        mean_wait_ms: mean wait for the answer.
    """

    published_min_turn_silence_ms: int
    published_max_turn_silence_ms: int
    turns: int
    cut_in_rate: float
    mean_wait_ms: float


def nights_frame(
    run_id: str,
    night: date,
    calls: Sequence[CallFigures],
    performances: Mapping[str, Performance] | None = None,
) -> pa.Table:
    """The rows of a run: all its new calls under `*`, then each group's.

    A run without new calls has the row of all with zeros, so that it is known as a night's.

    Args:
        run_id: which run.
        night: the day it belongs to.
        calls: the recordings that are new in this run.
        performances: by group, where the published setting could be replayed.
    """
    replayed = performances or {}
    names = sorted({each.group for each in calls})
    members = {name: [each for each in calls if each.group == name] for name in names}
    members = {ALL_GROUPS: list(calls), **members}
    rows = [
        {
            "run_id": run_id,
            "group": name,
            "night": night,
            "recordings_of_night": len(calls),
            **_row(of_group),
            **(asdict(replayed[name]) if name in replayed else {}),
        }
        for name, of_group in members.items()
    ]
    return pa.Table.from_pylist(rows, schema=NIGHTS.schema)


def _row(calls: Sequence[CallFigures]) -> dict[str, Any]:
    recognisers = Counter((each.engine, each.speech_model) for each in calls)
    return {
        "recordings": len(calls),
        "counted": [
            {"recording_id": each.recording_id, "options_hash": each.options_hash} for each in calls
        ],
        **_lengths("gap", [each.gaps_ms for each in calls]),
        **_lengths("pause", [each.pauses_ms for each in calls]),
        "recognisers": [
            {"engine": engine, "speech_model": model, "recordings": count}
            for (engine, model), count in sorted(recognisers.items(), key=str)
        ],
        **_clocks(calls),
    }


def _lengths(name: str, by_call: Sequence[Integers]) -> dict[str, Any]:
    """The columns for gaps or pauses."""
    heard = [values for values in by_call if values.size]
    columns: dict[str, Any] = {
        f"calls_with_{name}s": len(heard),
        f"{name}s": sum(values.size for values in heard),
    }
    if heard:
        pooled = np.concatenate(heard)
        typical_logs = [np.log(values).mean() for values in heard]
        columns[f"typical_{name}_ms"] = float(np.exp(np.mean(typical_logs)))
        columns[f"median_{name}_ms"] = float(np.median(pooled))
        columns[f"p90_{name}_ms"] = float(np.percentile(pooled, 90))
        if name == "gap":
            columns["average_gap_ms"] = float(pooled.mean())
    return columns


def _clocks(calls: Sequence[CallFigures]) -> dict[str, Any]:
    compared = [each for each in calls if each.clock_talk_ms > 0]
    talk_ms = sum(each.clock_talk_ms for each in compared)
    offsets = [abs(each.clock_offset_ms) for each in compared if each.clock_offset_ms is not None]
    off_ms = sum(each.clock_talk_off_ms for each in compared)
    return {
        "calls_with_clocks": len(compared),
        "clock_off_share": off_ms / talk_ms if talk_ms else None,
        "clock_offset_ms": float(np.median(offsets)) if offsets else None,
    }
