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
    from fermata.calibration.deciding import decide_publication, drop_what_replaced_runs_rest_on
    from fermata.calibration.decision import Replayed, decide
    from fermata.calibration.latest import (
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
        DamagedPublicationError,
        Publication,
        Published,
        PublishedBy,
        Replacement,
    )
    from fermata.calibration.publishing import (
        calibrated_runs,
        history,
        is_newest_by_group,
        present,
        preview,
        publish,
        replaced,
        runs_in_force,
        scope_of_run,
    )
    from fermata.calibration.publishing_result import PublishingResult, short_id
    from fermata.calibration.record import calibrations_frame, write_calibration, write_latest
    from fermata.calibration.rolling_back import PREVIOUS, roll_back, run_beginning_with
    from fermata.calibration.scopes import (
        MAIN,
        Members,
        Scope,
        all_scopes,
        keep_scope,
        main_scope,
        members,
        scope_for,
        scope_named,
    )
    from fermata.calibration.streaming import StreamingParameters, streaming_parameters
    from fermata.thresholds import ALL_GROUPS
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "ALL_GROUPS",
    "CUSTOM",
    "MAIN",
    "PREVIOUS",
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
    "Members",
    "Pair",
    "Preset",
    "PresetName",
    "Presets",
    "Publication",
    "Published",
    "PublishedBy",
    "PublishingResult",
    "RecordingOutcome",
    "Replacement",
    "Replayed",
    "Scope",
    "StreamingParameters",
    "Variability",
    "all_scopes",
    "calibrate",
    "calibrated_runs",
    "calibrations_frame",
    "choose",
    "decide",
    "decide_publication",
    "drop_what_replaced_runs_rest_on",
    "history",
    "is_newest_by_group",
    "keep_scope",
    "load_presets",
    "main_scope",
    "members",
    "present",
    "preset_for",
    "preview",
    "publish",
    "read_latest",
    "recommendation_changes",
    "replaced",
    "roll_back",
    "run_beginning_with",
    "runs_in_force",
    "scope_for",
    "scope_named",
    "scope_of_run",
    "short_id",
    "streaming_parameters",
    "variability_of",
    "variability_ratio",
    "write_calibration",
    "write_latest",
]
