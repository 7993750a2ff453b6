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


def required(name: str, kind: pa.DataType) -> pa.Field:
    """A column that is never null."""
    return pa.field(name, kind, nullable=False)


GAP_FIGURE_FIELDS = (
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
)

GAP_FIGURES: tuple[str, ...] = tuple(field.name for field in GAP_FIGURE_FIELDS)
"""The columns that describe gaps, named as in `GapStatistics`; null where there are none."""

RECORDINGS = Table(
    "recordings",
    pa.schema(
        [
            required("recording_id", _TEXT),
            required("options_hash", _TEXT),
            required("name", _TEXT),
            required("uri", _TEXT),
            required("group", _TEXT),
            pa.field("duration_s", _NUMBER),
            pa.field("channels", _INTEGER),
            required("engine", _TEXT),
            pa.field("speech_model", _TEXT),
            pa.field("transcript_id", _TEXT),
            required("status", _TEXT),
            pa.field("reason", _TEXT),
            required("total_utterances", _INTEGER),
            required("total_gaps", _INTEGER),
            *GAP_FIGURE_FIELDS,
            pa.field("speakers", _INTEGER),
            pa.field("is_punctuated", pa.bool_()),
            pa.field("language", _TEXT),
            required("run_id", _TEXT),
            required("analysed_at", _TIME),
        ]
    ),
    key=("recording_id", "options_hash"),
)
"""One row per recording and request options: what became of it, and its figures."""

GAPS = Table(
    "gaps",
    pa.schema(
        [
            required("recording_id", _TEXT),
            required("options_hash", _TEXT),
            required("group", _TEXT),
            required("index", _INTEGER),
            pa.field("previous_speaker", _TEXT),
            pa.field("next_speaker", _TEXT),
            required("previous_end_ms", _INTEGER),
            required("next_start_ms", _INTEGER),
            required("gap_ms", _INTEGER),
        ]
    ),
    key=("recording_id", "options_hash", "index"),
)
"""One row per pair of neighbouring utterances, with its signed gap."""
