"""Rows for the tests of the tables."""

from datetime import UTC, datetime

from fermata.tables import RecordingGaps, RecordingRow, RecordingStatus
from fermata.turntaking import Gap, gap_statistics

OPTIONS = "0123456789ab"


def recording_row(recording_id="r1", gaps_ms=(100, 400), **changes):
    """An analysed recording, unless it has no gaps."""
    statistics = gap_statistics(list(gaps_ms))
    facts = {
        "recording_id": recording_id,
        "options_hash": OPTIONS,
        "name": f"ivr/{recording_id}.wav",
        "uri": f"memory://calls/ivr/{recording_id}.wav",
        "group": "ivr",
        "duration_s": 12.5,
        "channels": 2,
        "engine": "local",
        "speech_model": "pocketsphinx",
        "transcript_id": f"t-{recording_id}",
        "status": RecordingStatus.ANALYSED if statistics else RecordingStatus.NO_GAPS,
        "reason": None if statistics else "no gaps",
        "total_utterances": len(gaps_ms) + 1,
        "statistics": statistics,
        "speakers": 2,
        "is_punctuated": True,
        "language": None,
        "run_id": "run-1",
        "analysed_at": datetime(2026, 5, 4, 12, tzinfo=UTC),
    }
    return RecordingRow(**{**facts, **changes})


def recording_gaps(recording_id="r1", gaps_ms=(100, -50, 400), options_hash=OPTIONS, group="ivr"):
    """A recording with these signed gaps between A and B."""
    gaps = tuple(
        Gap(
            index,
            "AB"[index % 2],
            "BA"[index % 2],
            10_000 * (index + 1),
            10_000 * (index + 1) + gap,
        )
        for index, gap in enumerate(gaps_ms)
    )
    return RecordingGaps(
        recording_id=recording_id, options_hash=options_hash, group=group, gaps=gaps
    )
