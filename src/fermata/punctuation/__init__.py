"""How far a streaming model's verdicts on silences differ from the batch transcript's marks.

```
archive ──find_sample(minutes)──▶ Piece… ──(live sessions)──▶ SessionReport…
                                    └──────── measure ──────────┘
                                                 │
            calibrations/punctuation.json ◀──keep_measurement
                          └──read_punctuation──▶ assumptions_for(speech_model)
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.punctuation.comparison import compare, measuring_parameters
    from fermata.punctuation.defaults import assumptions_for, detection_delay
    from fermata.punctuation.kept import (
        PUNCTUATION_PATH,
        DamagedPunctuationError,
        keep_measurement,
        model_key,
        read_punctuation,
    )
    from fermata.punctuation.measuring import NothingMeasuredError, measure, summary
    from fermata.punctuation.models import (
        LeftOut,
        MeasuredShare,
        Measurement,
        MeasuringParameters,
        Punctuation,
    )
    from fermata.punctuation.sample import Piece, Sample, find_sample
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "PUNCTUATION_PATH",
    "DamagedPunctuationError",
    "LeftOut",
    "MeasuredShare",
    "Measurement",
    "MeasuringParameters",
    "NothingMeasuredError",
    "Piece",
    "Punctuation",
    "Sample",
    "assumptions_for",
    "compare",
    "detection_delay",
    "find_sample",
    "keep_measurement",
    "measure",
    "measuring_parameters",
    "model_key",
    "read_punctuation",
    "summary",
]
