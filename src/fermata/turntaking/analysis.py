"""One recording, analysed: its gaps, their figures, or why there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fermata.turntaking.gaps import Gap, gaps_between, positive
from fermata.turntaking.statistics import GapStatistics, gap_statistics
from fermata.turntaking.transcripts import utterances_of
from fermata.turntaking.utterances import Utterance


class AnalysisStatus(StrEnum):
    """What came of looking for gaps in a transcript."""

    ANALYSED = "analysed"
    TOO_FEW_UTTERANCES = "too_few_utterances"
    NO_GAPS = "no_gaps"

    @property
    def reason(self) -> str | None:
        """Why there are no figures, in the guide's words; None where there are some."""
        return _REASONS.get(self)


_REASONS = {
    AnalysisStatus.TOO_FEW_UTTERANCES: "not enough utterances to analyse gaps (need at least 2)",
    AnalysisStatus.NO_GAPS: "no gaps found between utterances (all speech overlaps)",
}


@dataclass(frozen=True, slots=True)
class RecordingAnalysis:
    """What one transcript tells about the time between its speakers.

    Attributes:
        status: whether there are figures, and if not, why.
        total_utterances: how many utterances the transcript holds.
        gaps: the signed gap of every pair, in order.
        statistics: the figures of the positive gaps; None unless analysed.
    """

    status: AnalysisStatus
    total_utterances: int
    gaps: tuple[Gap, ...]
    statistics: GapStatistics | None


def analyse(transcript: Mapping[str, Any]) -> RecordingAnalysis:
    """Finds the gaps of a transcript as the guide does, and describes the positive ones.

    Args:
        transcript: the decoded body of `GET /v2/transcript/{id}`.

    Raises:
        MalformedTranscriptError: the transcript cannot be read.
    """
    return analyse_utterances(utterances_of(transcript))


def analyse_utterances(utterances: Sequence[Utterance]) -> RecordingAnalysis:
    """Finds the gaps between utterances as `utterances_of` gives them."""
    gaps = gaps_between(utterances)
    statistics = gap_statistics([gap.gap_ms for gap in positive(gaps)])
    return RecordingAnalysis(_status(gaps, statistics), len(utterances), gaps, statistics)


def _status(gaps: tuple[Gap, ...], statistics: GapStatistics | None) -> AnalysisStatus:
    if not gaps:
        return AnalysisStatus.TOO_FEW_UTTERANCES
    if statistics is None:
        return AnalysisStatus.NO_GAPS
    return AnalysisStatus.ANALYSED
