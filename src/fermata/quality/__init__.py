"""Gates: whether recordings and transcripts are fit to draw thresholds from. Pure.

```
Conversation, TurnTaking ──facts_of──▶ CallFacts ──quality_frame──▶ table `quality`
audio, Conversation ──measure_word_ends──▶ WordEndSample                │
CallFacts…, WordEndSample ──examine──▶ GateFinding… ◀──────facts_in─────┘
```

`docs/quality-gates.md` tells users what each gate sees and what to do.
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.quality.facts import facts_of
    from fermata.quality.gates import examine
    from fermata.quality.listening import choose_for_listening, measure_word_ends
    from fermata.quality.models import (
        CallFacts,
        CallSource,
        Gate,
        GateFinding,
        GateVerdict,
        WordEnds,
        WordEndSample,
    )
    from fermata.quality.table import QUALITY, facts_in, quality_frame
    from fermata.quality.word_ends import word_ends_of
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "QUALITY",
    "CallFacts",
    "CallSource",
    "Gate",
    "GateFinding",
    "GateVerdict",
    "WordEndSample",
    "WordEnds",
    "choose_for_listening",
    "examine",
    "facts_in",
    "facts_of",
    "measure_word_ends",
    "quality_frame",
    "word_ends_of",
]
