"""Rows of the tables as dataclasses, and the Arrow frames made of them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import pyarrow as pa

from fermata.tables.schemas import GAP_FIGURES, GAPS, RECORDINGS
from fermata.tables.status import RecordingStatus
from fermata.turntaking import Gap, GapStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """One row of the table `recordings`.

    Attributes:
        recording_id: SHA-256 of the content, hex.
        options_hash: hash of the request options.
        name: path below the source it was found under.
        uri: where it was found.
        group: first sub-folder below the source.
        duration_s: length in seconds, None where unknown.
        channels: number of channels, None where unknown.
        engine: what transcribed it (`assemblyai`, `local`).
        speech_model: the model that the service says it used.
        transcript_id: the service's id, None where there is none.
        status: what became of it.
        reason: one line saying why it was not analysed, None if it was.
        total_utterances: in its transcript, 0 without one.
        statistics: of its positive gaps, None unless analysed.
        speakers: how many are told apart, None without a transcript.
        is_punctuated: whether sentence ends are marked, None likewise.
        language: code of the transcript's language, None where the service names none.
        run_id: the run that analysed it.
        analysed_at: when, with a time zone.
    """

    recording_id: str
    options_hash: str
    name: str
    uri: str
    group: str
    duration_s: float | None
    channels: int | None
    engine: str
    speech_model: str | None
    transcript_id: str | None
    status: RecordingStatus
    reason: str | None
    total_utterances: int
    statistics: GapStatistics | None
    speakers: int | None
    is_punctuated: bool | None
    language: str | None
    run_id: str
    analysed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingGaps:
    """All rows of the table `gaps` that one recording has.

    Attributes:
        recording_id: SHA-256 of the content, hex.
        options_hash: hash of the request options.
        group: first sub-folder below the source.
        gaps: the signed gap of every pair.
    """

    recording_id: str
    options_hash: str
    group: str
    gaps: tuple[Gap, ...]


def recordings_frame(rows: Iterable[RecordingRow]) -> pa.Table:
    """The table `recordings` of some rows."""
    return pa.Table.from_pylist([_recording(row) for row in rows], schema=RECORDINGS.schema)


def gaps_frame(recordings: Iterable[RecordingGaps]) -> pa.Table:
    """The table `gaps` of some recordings; one without a gap adds no row."""
    pieces = [_gaps_of(recording) for recording in recordings if recording.gaps]
    return pa.concat_tables(pieces) if pieces else GAPS.schema.empty_table()


def figures_of(statistics: GapStatistics | None) -> dict[str, Any]:
    """The columns `total_gaps` and those of `GAP_FIGURES`; without statistics 0 and null."""
    if statistics is None:
        return {"total_gaps": 0, **dict.fromkeys(GAP_FIGURES)}
    return {name: getattr(statistics, name) for name in ("total_gaps", *GAP_FIGURES)}


def _recording(row: RecordingRow) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in _OWN_COLUMNS}
    return {**own, **figures_of(row.statistics)}


_OWN_COLUMNS = [field.name for field in fields(RecordingRow) if field.name != "statistics"]


def _gaps_of(recording: RecordingGaps) -> pa.Table:
    gaps = recording.gaps
    shared = {
        name: [getattr(recording, name)] * len(gaps)
        for name in ("recording_id", "options_hash", "group")
    }
    own = {name: [getattr(gap, name) for gap in gaps] for name in _GAP_COLUMNS}
    return pa.table({**shared, **own}, schema=GAPS.schema)


_GAP_COLUMNS = (*(field.name for field in fields(Gap)), "gap_ms")
