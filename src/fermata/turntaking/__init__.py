"""From a transcript to the gaps between its speakers, and what describes them. Pure.

```
transcript ──utterances──▶ Utterance… ──gaps──▶ Gap… ──statistics──▶ GapStatistics
          └───────────────────────── analyse ─────────────────────────┘

any shape ──shapes──▶ Conversation ──turn_taking──▶ Ipu…, Silence…, Turn…
```

Times are whole milliseconds on one clock. The terms are explained in
`docs/turn-taking.md`.
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.turntaking.analysis import (
        AnalysisStatus,
        RecordingAnalysis,
        analyse,
        analyse_utterances,
    )
    from fermata.turntaking.floor import Silence, SilenceKind
    from fermata.turntaking.gaps import Gap, gaps_between, positive
    from fermata.turntaking.ipus import Ipu
    from fermata.turntaking.statistics import GapStatistics, gap_statistics
    from fermata.turntaking.transcripts import Transcript, transcript_of, utterances_of
    from fermata.turntaking.turns import Turn, TurnTaking, turn_taking
    from fermata.turntaking.utterances import MalformedTranscriptError, Utterance
    from fermata.turntaking.words import Conversation, Unit, Word
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "AnalysisStatus",
    "Conversation",
    "Gap",
    "GapStatistics",
    "Ipu",
    "MalformedTranscriptError",
    "RecordingAnalysis",
    "Silence",
    "SilenceKind",
    "Transcript",
    "Turn",
    "TurnTaking",
    "Unit",
    "Utterance",
    "Word",
    "analyse",
    "analyse_utterances",
    "gap_statistics",
    "gaps_between",
    "positive",
    "transcript_of",
    "turn_taking",
    "utterances_of",
]
