"""Whether a group's calls are still what its settings were learned from, night by night.

```
models ◀── baseline ◀── chart ◀── phases ◀── assessment
       ◀── scales ◀────────────────┘  │         │
       ◀── recognisers ◀── nights ◀─────────────┘
                   └──────────────────┘ when to learn anew
figures     a night's rows of the table `nights`, from what is known of each call
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.drift.assessment import assess
    from fermata.drift.figures import CallFigures, Performance, nights_frame
    from fermata.drift.models import DriftFinding, DriftRule, DriftState, Measure
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "CallFigures",
    "DriftFinding",
    "DriftRule",
    "DriftState",
    "Measure",
    "Performance",
    "assess",
    "nights_frame",
]
