"""The table `calibrations`: the figures of each run and group, and the settings chosen."""

import pyarrow as pa

from fermata.tables.schemas import GAP_FIGURE_FIELDS, Table, required

_TIME = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_INTEGER = pa.int64()
_NUMBER = pa.float64()


def _all(kind: pa.DataType, *names: str) -> tuple[pa.Field, ...]:
    return tuple(pa.field(name, kind) for name in names)


def _with_interval(name: str) -> tuple[pa.Field, ...]:
    return _all(_NUMBER, name, f"{name}_low", f"{name}_high")


# Null where no replay was run, and where the calls gave it nothing to judge by.
_REPLAY_FIELDS = (
    *_all(_TEXT, "guide_preset"),
    *_all(_INTEGER, "guide_min_turn_silence_ms", "guide_max_turn_silence_ms"),
    *_all(_TEXT, "replay_verdict", "replay_reason", "goal"),
    *_all(_INTEGER, "replay_calls", "replay_turns", "calls_needed"),
    *_all(_NUMBER, "own_share"),
    *_all(_INTEGER, "replay_min_turn_silence_ms", "replay_max_turn_silence_ms"),
    *_with_interval("cut_in_rate"),
    *_with_interval("mid_sentence_rate"),
    *_with_interval("after_sentence_rate"),
    *_with_interval("mean_wait_ms"),
    *_with_interval("p90_wait_ms"),
    *_with_interval("cost_ms"),
    *_all(_INTEGER, "present_min_turn_silence_ms", "present_max_turn_silence_ms"),
    *_all(_NUMBER, "present_cost_ms"),
    *_with_interval("gain_ms"),
    *_all(_INTEGER, "detection_delay_ms"),
    *_all(_NUMBER, "complete_read_as_open", "open_read_as_complete"),
    pa.field(
        "gates", pa.list_(pa.struct([(each, _TEXT) for each in ("gate", "verdict", "saw", "do")]))
    ),
)

CALIBRATIONS = Table(
    "calibrations",
    pa.schema(
        [
            required("run_id", _TEXT),
            required("group", _TEXT),
            # Null in the rows of runs from before there were scopes.
            pa.field("scope", _TEXT),
            required("recordings_found", _INTEGER),
            required("recordings_analysed", _INTEGER),
            required("total_utterances", _INTEGER),
            required("total_gaps", _INTEGER),
            *GAP_FIGURE_FIELDS,
            pa.field("average_of_file_averages_ms", _NUMBER),
            pa.field("variability_ratio", _NUMBER),
            pa.field("variability", _TEXT),
            required("chosen_by", _TEXT),
            required("preset", _TEXT),
            required("title", _TEXT),
            required("min_turn_silence_ms", _INTEGER),
            required("max_turn_silence_ms", _INTEGER),
            required("end_of_turn_confidence_threshold", _NUMBER),
            required("speech_model", _TEXT),
            required("chosen_at", _TIME),
            required("description", _TEXT),
            required("use_cases", _TEXT),
            required("reasoning", _TEXT),
            pa.field("note", _TEXT),
            *_REPLAY_FIELDS,
        ]
    ),
    key=("run_id", "group"),
)
"""One row per run and group (`*` for all): gap figures, the replay's, and what was chosen."""

CALIBRATED_RECORDINGS = Table(
    "calibrated_recordings",
    pa.schema(
        [required("run_id", _TEXT), required("group", _TEXT), required("recording_id", _TEXT)]
    ),
    key=("run_id", "group", "recording_id"),
)
"""One row per run, group and recording that has gaps: what the settings of a run rest on."""
