"""Recommends thresholds: the pair of silences that serves a stated goal best. Pure.

```
Call… + Question + present settings ──advise──▶ Advice per group
Call… + Question + policies, guide  ──compare──▶ Comparison, cross-validated by call
Call… + Question                    ──landscape──▶ Landscape for a heat map
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.thresholds.advice import NO_SPEAKER_CHANGE, advise
    from fermata.thresholds.comparison import GUIDE, RECOMMENDATION, Guide, compare
    from fermata.thresholds.goal import FORMS, Budget, Goal, Measure, Objective, parse_goal
    from fermata.thresholds.landscapes import landscape
    from fermata.thresholds.material import VENDOR_DEFAULT
    from fermata.thresholds.models import (
        ALL_GROUPS,
        PRESENT,
        Advice,
        Call,
        Compared,
        Comparison,
        CurvePoint,
        Estimate,
        Interval,
        Judged,
        Landscape,
        Policy,
        Question,
        Sensitivity,
        Verdict,
    )
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "ALL_GROUPS",
    "FORMS",
    "GUIDE",
    "NO_SPEAKER_CHANGE",
    "PRESENT",
    "RECOMMENDATION",
    "VENDOR_DEFAULT",
    "Advice",
    "Budget",
    "Call",
    "Compared",
    "Comparison",
    "CurvePoint",
    "Estimate",
    "Goal",
    "Guide",
    "Interval",
    "Judged",
    "Landscape",
    "Measure",
    "Objective",
    "Policy",
    "Question",
    "Sensitivity",
    "Verdict",
    "advise",
    "compare",
    "landscape",
    "parse_goal",
]
