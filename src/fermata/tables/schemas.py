"""The tables: their columns, types, keys and row order. `docs/tables.md` tells users."""

from dataclasses import dataclass

import pyarrow as pa

_TIME = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_INTEGER = pa.int64()
_NUMBER = pa.float64()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the data folder.

    Attributes:
        name: of the table and of the folder its files are in.
        schema: the columns, in order.
        key: the columns that tell one row from another, and that rows are sorted by.
    """

    name: str
    schema: pa.Schema
    key: tuple[str, ...]


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


_GAP_FIGURES = [
    pa.field("average_gap_ms", _NUMBER),
    pa.field("median_gap_ms", _NUMBER),
    pa.field("upper_median_gap_ms", _INTEGER),
    pa.field("min_gap_ms", _INTEGER),
    pa.field("max_gap_ms", _INTEGER),
    pa.field("p10_gap_ms", _NUMBER),
    pa.field("p25_gap_ms", _NUMBER),
    pa.field("p75_gap_ms", _NUMBER),
    pa.field("p90_gap_ms", _NUMBER),
    pa.field("p95_gap_ms", _NUMBER),
]

GAP_FIGURES: tuple[str, ...] = tuple(field.name for field in _GAP_FIGURES)
"""The columns that describe gaps, named as in `GapStatistics`; null where there are none."""

RECORDINGS = Table(
    "recordings",
    pa.schema(
        [
            _required("recording_id", _TEXT),
            _required("options_hash", _TEXT),
            _required("name", _TEXT),
            _required("uri", _TEXT),
            _required("group", _TEXT),
            pa.field("duration_s", _NUMBER),
            pa.field("channels", _INTEGER),
            _required("engine", _TEXT),
            pa.field("speech_model", _TEXT),
            pa.field("transcript_id", _TEXT),
            _required("status", _TEXT),
            pa.field("reason", _TEXT),
            _required("total_utterances", _INTEGER),
            _required("total_gaps", _INTEGER),
            *_GAP_FIGURES,
            _required("run_id", _TEXT),
            _required("analysed_at", _TIME),
        ]
    ),
    key=("recording_id", "options_hash"),
)
"""One row per recording and request options: what became of it, and its figures."""

GAPS = Table(
    "gaps",
    pa.schema(
        [
            _required("recording_id", _TEXT),
            _required("options_hash", _TEXT),
            _required("group", _TEXT),
            _required("index", _INTEGER),
            pa.field("previous_speaker", _TEXT),
            pa.field("next_speaker", _TEXT),
            _required("previous_end_ms", _INTEGER),
            _required("next_start_ms", _INTEGER),
            _required("gap_ms", _INTEGER),
        ]
    ),
    key=("recording_id", "options_hash", "index"),
)
"""One row per pair of neighbouring utterances, with its signed gap."""

CALIBRATIONS = Table(
    "calibrations",
    pa.schema(
        [
            _required("run_id", _TEXT),
            _required("group", _TEXT),
            _required("recordings_found", _INTEGER),
            _required("recordings_analysed", _INTEGER),
            _required("total_utterances", _INTEGER),
            _required("total_gaps", _INTEGER),
            *_GAP_FIGURES,
            pa.field("average_of_file_averages_ms", _NUMBER),
            pa.field("variability_ratio", _NUMBER),
            pa.field("variability", _TEXT),
            _required("chosen_by", _TEXT),
            _required("preset", _TEXT),
            _required("title", _TEXT),
            _required("min_turn_silence_ms", _INTEGER),
            _required("max_turn_silence_ms", _INTEGER),
            _required("end_of_turn_confidence_threshold", _NUMBER),
            _required("speech_model", _TEXT),
            _required("chosen_at", _TIME),
            _required("description", _TEXT),
            _required("use_cases", _TEXT),
            _required("reasoning", _TEXT),
            pa.field("note", _TEXT),
        ]
    ),
    key=("run_id", "group"),
)
"""One row per run and group (`*` for all): the pooled figures and the preset chosen."""
