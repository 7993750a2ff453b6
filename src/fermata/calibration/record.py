"""Keeping a calibration: its rows, what it rests on, and `latest.json` from what was published."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fermata import tables
from fermata.calibration.columns import replay_columns
from fermata.calibration.latest import LatestChoice, LatestChoices
from fermata.calibration.presets import Presets
from fermata.calibration.publications import (
    Publication,
    Row,
    effective,
    in_force,
    read_publications,
)
from fermata.calibration.scopes import Scope
from fermata.calibration.streaming import streaming_parameters
from fermata.storage import Storage
from fermata.tables.calibrations import CALIBRATED_RECORDINGS, CALIBRATIONS
from fermata.tables.small import read_rows
from fermata.thresholds import ALL_GROUPS

if TYPE_CHECKING:
    from fermata.calibration.calibration import Calibration, GroupCalibration


def calibrations_frame(calibration: "Calibration") -> pa.Table:
    """The rows of the table `calibrations` for one run: overall, then each group."""
    pooled = (calibration.overall, *calibration.groups)
    rows = [
        {
            "run_id": calibration.run_id,
            "chosen_at": calibration.chosen_at,
            "scope": calibration.scope,
            **_columns(each),
        }
        for each in pooled
    ]
    return pa.Table.from_pylist(rows, schema=CALIBRATIONS.schema)


def write_calibration(storage: Storage, calibration: "Calibration") -> str:
    """Writes the file of a run in the table `calibrations`, in place of one it had.

    The recordings that it rests on are written before, so that no run is without.

    Returns:
        The file's path below the data folder.

    Raises:
        StorageError: it could not be written.
    """
    run_id = calibration.run_id
    tables.write_batch(storage, CALIBRATED_RECORDINGS, run_id, _recordings(calibration))
    return tables.write_batch(
        storage, CALIBRATIONS, calibration.run_id, calibrations_frame(calibration)
    )


def calibration_rows(storage: Storage, scope: Scope) -> list[dict[str, Any]]:
    """The rows of the table `calibrations` that may count in a scope.

    Those from before there were scopes may do so in the main one.

    Raises:
        TableError: a file of the table cannot be read.
    """
    names = {scope.name, "", None} if scope.is_main else {scope.name}
    return [row for row in read_rows(storage, CALIBRATIONS) if row["scope"] in names]


def write_latest(storage: Storage, presets: Presets, scope: Scope) -> str:
    """Writes a scope's `latest.json`: for each group, what the publications put in force.

    It follows from the table and the publications alone, so it does not matter in which order
    runs end or how often this is called. A record that another worker added meanwhile is seen
    after writing, and the file is written again: whoever writes last has seen all of them.

    Returns:
        The file's path below the data folder.

    Raises:
        ValueError: nothing was published yet.
        FermataError: a file cannot be read or written.
    """
    publications = read_publications(storage, scope)
    while True:
        latest = latest_of(publications, calibration_rows(storage, scope), presets)
        text = latest.model_dump_json(indent=2) + "\n"
        storage.write_atomically(scope.latest_path, text.encode())
        known, publications = publications, read_publications(storage, scope)
        if publications == known:
            return scope.latest_path


def latest_of(
    publications: Sequence[Publication], rows: Sequence[Row], presets: Presets
) -> LatestChoices:
    """What is in force, from the records and the rows of the table `calibrations`.

    Raises:
        ValueError: nothing was published yet.
    """
    found = in_force(effective(publications, rows), rows)
    if ALL_GROUPS not in found:
        raise ValueError("no calibration was published yet")
    choices = {group: _latest_choice(each.row, presets) for group, each in sorted(found.items())}
    return LatestChoices(overall=choices.pop(ALL_GROUPS), groups=choices)


def _recordings(calibration: "Calibration") -> pa.Table:
    rows = [
        {"run_id": calibration.run_id, "group": each.group, "recording_id": recording_id}
        for each in calibration.groups
        for recording_id in sorted(each.recording_ids)
    ]
    return pa.Table.from_pylist(rows, schema=CALIBRATED_RECORDINGS.schema)


def rests_on(storage: Storage, run_id: str) -> dict[str, frozenset[str]] | None:
    """The recordings that a run's settings rest on, by group, `*` for all.

    None where that is not known: of runs from before it was kept.

    Raises:
        FermataError: the table cannot be read.
    """
    rows = tables.read_batch(storage, CALIBRATED_RECORDINGS, run_id)
    if not rows.num_rows:
        return None
    by_group: dict[str, set[str]] = {}
    pairs = zip(rows["group"].to_pylist(), rows["recording_id"].to_pylist(), strict=True)
    for group, recording_id in pairs:
        by_group.setdefault(group, set()).add(recording_id)
        by_group.setdefault(ALL_GROUPS, set()).add(recording_id)
    return {group: frozenset(found) for group, found in by_group.items()}


def _columns(pooled: "GroupCalibration") -> dict[str, Any]:
    choice = pooled.choice
    return {
        "group": pooled.group,
        "recordings_found": pooled.recordings_found,
        "recordings_analysed": pooled.recordings_analysed,
        "total_utterances": pooled.total_utterances,
        **tables.figures_of(pooled.statistics),
        "average_of_file_averages_ms": pooled.average_of_file_averages_ms,
        "variability_ratio": pooled.variability_ratio,
        "variability": pooled.variability,
        "chosen_by": choice.chosen_by,
        "preset": choice.preset,
        "title": choice.title,
        "min_turn_silence_ms": choice.min_turn_silence_ms,
        "max_turn_silence_ms": choice.max_turn_silence_ms,
        "end_of_turn_confidence_threshold": choice.end_of_turn_confidence_threshold,
        "speech_model": pooled.speech_model,
        "description": choice.description,
        "use_cases": choice.use_cases,
        "reasoning": choice.reasoning,
        "note": pooled.note,
        **replay_columns(pooled.guide, pooled.replayed),
    }


def _latest_choice(row: Row, presets: Presets) -> LatestChoice:
    parameters = streaming_parameters(
        presets,
        speech_model=row["speech_model"],
        min_turn_silence_ms=row["min_turn_silence_ms"],
        max_turn_silence_ms=row["max_turn_silence_ms"],
        end_of_turn_confidence_threshold=row["end_of_turn_confidence_threshold"],
    )
    return LatestChoice.model_validate({**row, "streaming_parameters": parameters})
