"""What may become of a recording."""

from enum import StrEnum


class RecordingStatus(StrEnum):
    """What became of a recording: the outcomes of an analysis, and none at all.

    `IN_DOUBT` is of one run and stands in no table: it is not known yet whether the service has
    accepted the recording.
    """

    ANALYSED = "analysed"
    TOO_FEW_UTTERANCES = "too_few_utterances"
    NO_GAPS = "no_gaps"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
