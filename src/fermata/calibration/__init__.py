"""From gaps to a turn-detection preset: presets, the guide's rule, and what is kept of it.

```
presets ◀── choice ◀── calibration ◀── record ──▶ calibrations/<run_id>.parquet
        ◀── streaming ◀─────────────── record ──▶ calibrations/latest.json ◀── latest
```
"""

from fermata.calibration.calibration import (
    ALL_GROUPS,
    Calibration,
    GroupCalibration,
    RecordingOutcome,
    calibrate,
)
from fermata.calibration.choice import (
    Choice,
    ChosenBy,
    Variability,
    choose,
    preset_for,
    variability_of,
    variability_ratio,
)
from fermata.calibration.latest import (
    LATEST_PATH,
    DamagedChoiceError,
    LatestChoice,
    LatestChoices,
    read_latest,
)
from fermata.calibration.presets import (
    Boundaries,
    Family,
    Pair,
    Preset,
    PresetName,
    Presets,
    load_presets,
)
from fermata.calibration.record import calibrations_frame, write_calibration, write_latest
from fermata.calibration.streaming import StreamingParameters, streaming_parameters

__all__ = [
    "ALL_GROUPS",
    "LATEST_PATH",
    "Boundaries",
    "Calibration",
    "Choice",
    "ChosenBy",
    "DamagedChoiceError",
    "Family",
    "GroupCalibration",
    "LatestChoice",
    "LatestChoices",
    "Pair",
    "Preset",
    "PresetName",
    "Presets",
    "RecordingOutcome",
    "StreamingParameters",
    "Variability",
    "calibrate",
    "calibrations_frame",
    "choose",
    "load_presets",
    "preset_for",
    "read_latest",
    "streaming_parameters",
    "variability_of",
    "variability_ratio",
    "write_calibration",
    "write_latest",
]
