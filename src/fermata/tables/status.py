"""What may become of a recording."""

from enum import StrEnum


class RecordingStatus(StrEnum):
    """What became of a recording: the outcomes of an analysis, and none at all."""

    ANALYSED = "analysed"
    TOO_FEW_UTTERANCES = "too_few_utterances"
    NO_GAPS = "no_gaps"
    FAILED = "failed"
