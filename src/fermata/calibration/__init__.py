"""From gaps and replays to turn-detection settings, and what is kept of them.

```
presets ◀── choice ◀── decision ◀── calibration ◀── record ──▶ calibrations/<run_id>.parquet
        ◀── streaming ◀─────────────── record ──▶ calibrations/latest.json ◀── latest ◀── changes
            publications ◀──────────── record ◀── records ◀── publishing
                         ──▶ calibrations/publications/
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.calibration.calibration import (
        Calibration,
        GroupCalibration,
        RecordingOutcome,
        calibrate,
    )
    from fermata.calibration.changes import Change, recommendation_changes
    from fermata.calibration.choice import (
        CUSTOM,
        Choice,
        ChooseBy,
        ChosenBy,
        Variability,
        choose,
        preset_for,
        variability_of,
        variability_ratio,
    )
    from fermata.calibration.decision import Replayed, decide
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
    from fermata.calibration.publications import (
        PUBLICATIONS_FOLDER,
        DamagedPublicationError,
        Publication,
        PublishedBy,
        Replacement,
    )
    from fermata.calibration.publishing import (
        PREVIOUS,
        history,
        is_newest_by_group,
        present,
        preview,
        publish,
        replaced,
        roll_back,
        runs_in_force,
    )
    from fermata.calibration.record import calibrations_frame, write_calibration, write_latest
    from fermata.calibration.streaming import StreamingParameters, streaming_parameters
    from fermata.thresholds import ALL_GROUPS
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "ALL_GROUPS",
    "CUSTOM",
    "LATEST_PATH",
    "PREVIOUS",
    "PUBLICATIONS_FOLDER",
    "Boundaries",
    "Calibration",
    "Change",
    "Choice",
    "ChooseBy",
    "ChosenBy",
    "DamagedChoiceError",
    "DamagedPublicationError",
    "Family",
    "GroupCalibration",
    "LatestChoice",
    "LatestChoices",
    "Pair",
    "Preset",
    "PresetName",
    "Presets",
    "Publication",
    "PublishedBy",
    "RecordingOutcome",
    "Replacement",
    "Replayed",
    "StreamingParameters",
    "Variability",
    "calibrate",
    "calibrations_frame",
    "choose",
    "decide",
    "history",
    "is_newest_by_group",
    "load_presets",
    "present",
    "preset_for",
    "preview",
    "publish",
    "read_latest",
    "recommendation_changes",
    "replaced",
    "roll_back",
    "runs_in_force",
    "streaming_parameters",
    "variability_of",
    "variability_ratio",
    "write_calibration",
    "write_latest",
]
