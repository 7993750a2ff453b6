"""From ledger and archive to the tables `recordings` and `gaps`, one file of each per batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fermata.archive import DamagedArchiveError, TranscriptArchive
from fermata.ledger import Job, JobState, Ledger
from fermata.storage import NotStoredError, Storage
from fermata.tables import (
    GAPS,
    RECORDINGS,
    RecordingGaps,
    RecordingRow,
    RecordingStatus,
    gaps_frame,
    recordings_frame,
    write_batch,
)
from fermata.turntaking import Gap, GapStatistics, MalformedTranscriptError, analyse


@dataclass(frozen=True, slots=True)
class _Finding:
    """What the archive says of one job."""

    status: RecordingStatus
    reason: str | None
    speech_model: str | None = None
    total_utterances: int = 0
    statistics: GapStatistics | None = None
    gaps: tuple[Gap, ...] = ()


def tabulate(batch: str, storage: Storage, ledger: Ledger) -> int:
    """Writes the files of a batch anew from what the ledger and the archive hold.

    Calls no service. Writing a batch again, after a crash or beside another run, leaves the
    same rows, because they follow from the settled jobs alone.

    Returns:
        How many recordings of the batch are settled.

    Raises:
        StorageError: a file could not be read or written.
    """
    settled = ledger.settled_in(batch)
    while True:
        _write(batch, settled, storage)
        # Another run may have settled a job of this batch, and written the file with it,
        # between our reading and our writing.
        now_settled = ledger.settled_in(batch)
        if _versions(now_settled) == _versions(settled):
            ledger.mark_tabled(settled)
            return len(settled)
        settled = now_settled


def _versions(jobs: Iterable[Job]) -> set[tuple[object, ...]]:
    return {(job.key, job.state, job.settled_at) for job in jobs}


def _write(batch: str, jobs: Sequence[Job], storage: Storage) -> None:
    archive = TranscriptArchive(storage)
    findings = [(job, _look_up(job, archive)) for job in jobs]
    gaps = (_gaps(job, finding) for job, finding in findings)
    rows = (_row(job, finding) for job, finding in findings)
    write_batch(storage, GAPS, batch, gaps_frame(gaps))
    write_batch(storage, RECORDINGS, batch, recordings_frame(rows))


def _look_up(job: Job, archive: TranscriptArchive) -> _Finding:
    if job.state is JobState.FAILED:
        return _Finding(RecordingStatus.FAILED, job.reason)
    try:
        transcript = archive.read(job.key.recording_id, job.key.options_hash)
        return _analysed(transcript)
    except (DamagedArchiveError, MalformedTranscriptError, NotStoredError) as error:
        return _Finding(RecordingStatus.FAILED, str(error))


def _analysed(transcript: dict[str, Any]) -> _Finding:
    analysis = analyse(transcript)
    return _Finding(
        status=RecordingStatus(analysis.status),
        reason=analysis.status.reason,
        speech_model=transcript.get("speech_model_used"),
        total_utterances=analysis.total_utterances,
        statistics=analysis.statistics,
        gaps=analysis.gaps,
    )


def _gaps(job: Job, finding: _Finding) -> RecordingGaps:
    return RecordingGaps(
        recording_id=job.key.recording_id,
        options_hash=job.key.options_hash,
        group=job.group,
        gaps=finding.gaps,
    )


def _row(job: Job, finding: _Finding) -> RecordingRow:
    assert job.settled_at is not None
    return RecordingRow(
        recording_id=job.key.recording_id,
        options_hash=job.key.options_hash,
        name=job.name,
        uri=job.uri,
        group=job.group,
        duration_s=job.duration_s,
        channels=job.channels,
        engine=job.engine,
        speech_model=finding.speech_model,
        transcript_id=job.transcript_id,
        status=finding.status,
        reason=finding.reason,
        total_utterances=finding.total_utterances,
        statistics=finding.statistics,
        run_id=job.run_id,
        # The time of the answer, not of this writing: the file stays a function of the ledger.
        analysed_at=job.settled_at,
    )
