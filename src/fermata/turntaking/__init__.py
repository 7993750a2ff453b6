"""From a transcript to the gaps between its speakers, and what describes them. Pure.

```
transcript ──utterances──▶ Utterance… ──gaps──▶ Gap… ──statistics──▶ GapStatistics
          └───────────────────────── analyse ─────────────────────────┘
```

Times are whole milliseconds on one clock. The terms are explained in
`docs/turn-taking.md`.
"""

from fermata.turntaking.analysis import AnalysisStatus, RecordingAnalysis, analyse
from fermata.turntaking.gaps import Gap, gaps_between, positive
from fermata.turntaking.statistics import GapStatistics, gap_statistics
from fermata.turntaking.utterances import MalformedTranscriptError, Utterance, utterances_of

__all__ = [
    "AnalysisStatus",
    "Gap",
    "GapStatistics",
    "MalformedTranscriptError",
    "RecordingAnalysis",
    "Utterance",
    "analyse",
    "gap_statistics",
    "gaps_between",
    "positive",
    "utterances_of",
]
