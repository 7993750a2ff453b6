"""Keeping a calibration: one Parquet file per run, and `latest.json` from what was published."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fermata import tables
from fermata.calibration.columns import replay_columns
from fermata.calibration.latest import LATEST_PATH, LatestChoice, LatestChoices
from fermata.calibration.presets import Presets
from fermata.calibration.publications import (
    Publication,
    Row,
    effective,
    in_force,
    read_publications,
)
from fermata.calibration.streaming import streaming_parameters
from fermata.storage import Storage
from fermata.tables.calibrations import CALIBRATIONS
from fermata.tables.small import read_rows
from fermata.thresholds import ALL_GROUPS

if TYPE_CHECKING:
    from fermata.calibration.calibration import Calibration, GroupCalibration


def calibrations_frame(calibration: "Calibration") -> pa.Table:
    """The rows of the table `calibrations` for one run: overall, then each group."""
    pooled = (calibration.overall, *calibration.groups)
    rows = [
        {"run_id": calibration.run_id, "chosen_at": calibration.chosen_at, **_columns(each)}
        for each in pooled
    ]
    return pa.Table.from_pylist(rows, schema=CALIBRATIONS.schema)


def write_calibration(storage: Storage, calibration: "Calibration") -> str:
    """Writes the file of a run in the table `calibrations`, in place of one it had.

    Returns:
        The file's path below the data folder.

    Raises:
        StorageError: it could not be written.
    """
    return tables.write_batch(
        storage, CALIBRATIONS, calibration.run_id, calibrations_frame(calibration)
    )


def calibration_rows(storage: Storage) -> list[dict[str, Any]]:
    """The table `calibrations`, row by row.

    Raises:
        TableError: a file of the table cannot be read.
    """
    return read_rows(storage, CALIBRATIONS)


def write_latest(storage: Storage, presets: Presets) -> str:
    """Writes `calibrations/latest.json`: for each group, what the publications put in force.

    It follows from the table and the publications alone, so it does not matter in which order
    runs end or how often this is called. A record that another worker added meanwhile is seen
    after writing, and the file is written again: whoever writes last has seen all of them.

    Returns:
        The file's path below the data folder.

    Raises:
        ValueError: nothing was published yet.
        FermataError: a file cannot be read or written.
    """
    publications = read_publications(storage)
    while True:
        _write_latest(storage, presets, publications)
        known, publications = publications, read_publications(storage)
        if publications == known:
            return LATEST_PATH


def _write_latest(storage: Storage, presets: Presets, publications: Sequence[Publication]) -> None:
    latest = latest_of(publications, calibration_rows(storage), presets)
    text = latest.model_dump_json(indent=2) + "\n"
    storage.write_atomically(LATEST_PATH, text.encode())


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
