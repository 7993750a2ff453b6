"""The table `nights`: what one night's new recordings of a group say, and nothing older."""

import pyarrow as pa

from fermata.tables.schemas import Table, required

_TEXT = pa.string()
_INTEGER = pa.int64()
_NUMBER = pa.float64()

NIGHTS = Table(
    "nights",
    pa.schema(
        [
            required("run_id", _TEXT),
            required("group", _TEXT),
            required("night", pa.date32()),
            required("recordings", _INTEGER),
            required("recordings_of_night", _INTEGER),
            # Null in rows from before this column was there.
            pa.field(
                "counted", pa.list_(pa.struct([("recording_id", _TEXT), ("options_hash", _TEXT)]))
            ),
            required("calls_with_gaps", _INTEGER),
            required("gaps", _INTEGER),
            pa.field("typical_gap_ms", _NUMBER),
            pa.field("average_gap_ms", _NUMBER),
            pa.field("median_gap_ms", _NUMBER),
            pa.field("p90_gap_ms", _NUMBER),
            required("calls_with_pauses", _INTEGER),
            required("pauses", _INTEGER),
            pa.field("typical_pause_ms", _NUMBER),
            pa.field("median_pause_ms", _NUMBER),
            pa.field("p90_pause_ms", _NUMBER),
            pa.field(
                "recognisers",
                pa.list_(
                    pa.struct(
                        [("engine", _TEXT), ("speech_model", _TEXT), ("recordings", _INTEGER)]
                    )
                ),
                nullable=False,
            ),
            required("calls_with_clocks", _INTEGER),
            pa.field("clock_off_share", _NUMBER),
            pa.field("clock_offset_ms", _NUMBER),
            pa.field("published_min_turn_silence_ms", _INTEGER),
            pa.field("published_max_turn_silence_ms", _INTEGER),
            pa.field("turns", _INTEGER),
            pa.field("cut_in_rate", _NUMBER),
            pa.field("mean_wait_ms", _NUMBER),
        ]
    ),
    key=("run_id", "group"),
)
"""One row per run and group; that of all groups says 0 recordings where no call was new.
`typical_…_ms` is the geometric mean over calls of each call's
geometric mean: a call counts once, however long, and one long break moves it little."""
