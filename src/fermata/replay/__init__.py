"""Replay of recorded silences through a service's documented end-of-turn rule. Pure.

```
TurnTaking ──pauses_of──▶ CallPauses… ──replay(grid, assumptions)──▶ Plane (per call)
                                              Plane.measures(weights) ──▶ Measures ──▶ cost_ms
```

A policy is a pair of silences with a rule that says which of them acts. What it does to
callers is counted per call, so that calls can be weighed or drawn again afterwards.
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.replay.cost import EXCHANGE_RATE_MS, cost_ms
    from fermata.replay.measures import Measures
    from fermata.replay.pauses import NEVER_MS, NO_TURN, CallPauses, pauses_of
    from fermata.replay.plane import COUNTED_HOLD_MS, Plane, replay
    from fermata.replay.policies import FIRST_AUDIO_MS, Assumptions, PolicyGrid
    from fermata.replay.rules import DEFAULT_CONFIDENCE, Rule, rule_of
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "COUNTED_HOLD_MS",
    "DEFAULT_CONFIDENCE",
    "EXCHANGE_RATE_MS",
    "FIRST_AUDIO_MS",
    "NEVER_MS",
    "NO_TURN",
    "Assumptions",
    "CallPauses",
    "Measures",
    "Plane",
    "PolicyGrid",
    "Rule",
    "cost_ms",
    "pauses_of",
    "replay",
    "rule_of",
]
