"""The jobs of a lost ledger, as the tables and the archive describe them."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fermata.archive import DamagedArchiveError, TranscriptArchive
from fermata.assemblyai.options import LOCAL_ENGINE, TranscriptOptions
from fermata.ledger import Job, JobKey, JobState
from fermata.recordings import DEFAULT_GROUP, Recording, without_secrets
from fermata.storage import Storage
from fermata.tables.status import RecordingStatus

_Row = Mapping[str, Any]

_READERS = 16
_BATCH_SIZE = 250
_RUN_ID = "restored"
_ENGINES = ("assemblyai", LOCAL_ENGINE)


def restored_jobs(
    lost: Collection[JobKey],
    storage: Storage,
    *,
    archived: Collection[JobKey],
    rows: Mapping[JobKey, _Row],
    listed: Mapping[JobKey, Recording],
) -> list[Job]:
    """Makes the jobs of some keys anew.

    One that has a row in the tables is as it was, to the time at which it was settled, so that
    its batch is written again to the byte. One that has none is described by its transcript and
    by the recording, where a run found it.

    Args:
        lost: which keys; each has a transcript or a row.
        storage: the data folder.
        archived: the keys whose transcripts are kept.
        rows: the newest row of the table `recordings` for each key, with its `batch`.
        listed: the recordings that a run found.

    Raises:
        StorageError: a transcript could not be read.
    """
    jobs = [_from_row(key, rows[key], is_kept=key in archived) for key in lost if key in rows]
    bare = sorted((key for key in lost if key not in rows), key=lambda key: key.recording_id)
    archive = TranscriptArchive(storage)
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        found = list(readers.map(lambda key: _read(key, archive, storage), bare))
    described = (
        _from_transcript(key, each, listed.get(key), f"{_RUN_ID}-{index // _BATCH_SIZE:04d}")
        for index, (key, each) in enumerate(zip(bare, found, strict=True))
    )
    return [*jobs, *described]


def _from_row(key: JobKey, row: _Row, *, is_kept: bool) -> Job:
    """A job with a row; without a transcript its row stays, unless it says of a failure.

    What failed is asked for again by its id: the service knows whether that was for good.
    """
    has_failed = row["status"] == RecordingStatus.FAILED
    is_open = has_failed and not is_kept
    settled_at: datetime = row["analysed_at"]
    return Job(
        key=key,
        state=JobState.SUBMITTED if is_open else JobState.COMPLETED,
        name=row["name"],
        uri=row["uri"],
        group=row["group"],
        engine=row["engine"],
        speech_models=_all(row["speech_model"]),
        duration_s=row["duration_s"],
        channels=row["channels"],
        batch=row["batch"],
        run_id=row["run_id"],
        service=None,
        upload_url=None,
        attempted_ago_s=None,
        transcript_id=row["transcript_id"],
        reason=None,
        permanent=False,
        planned_at=settled_at,
        submitted_at=settled_at,
        settled_at=None if is_open else settled_at,
        tabled_at=None if has_failed else settled_at,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A transcript in the archive: what it says, and since when it is there."""

    content: Mapping[str, Any]
    arrived_at: datetime


def _read(key: JobKey, archive: TranscriptArchive, storage: Storage) -> _Found:
    path = archive.path(key.recording_id, key.options_hash)
    try:
        content = archive.read(key.recording_id, key.options_hash)
    except DamagedArchiveError:
        # It was billed all the same; its row will say that it is damaged.
        content = {}
    return _Found(content, storage.modified_at(path))


def _from_transcript(key: JobKey, found: _Found, listed: Recording | None, batch: str) -> Job:
    transcript_id = found.content.get("id")
    return Job(
        key=key,
        state=JobState.COMPLETED,
        name=listed.name if listed else key.recording_id[:12],
        uri=without_secrets(listed.uri) if listed else "",
        group=listed.group if listed else DEFAULT_GROUP,
        engine=_engine(key, found.content),
        speech_models=_all(found.content.get("speech_model_used")),
        duration_s=listed.duration_s if listed else _seconds(found.content.get("audio_duration")),
        channels=listed.channels if listed else None,
        batch=batch,
        run_id=_RUN_ID,
        service=None,
        upload_url=None,
        attempted_ago_s=None,
        transcript_id=transcript_id if isinstance(transcript_id, str) else None,
        reason=None,
        permanent=False,
        planned_at=found.arrived_at,
        submitted_at=found.arrived_at,
        settled_at=found.arrived_at,
        tabled_at=None,
    )


def _engine(key: JobKey, transcript: Mapping[str, Any]) -> str:
    """The engine whose options have the hash that the transcript is kept under."""
    models = transcript.get("speech_models")
    for engine in _ENGINES:
        # Not validated: an odd transcript is of neither engine.
        options = TranscriptOptions.model_construct(
            engine=engine,
            speech_models=_all(*models) if isinstance(models, list) else (),
            speaker_labels=bool(transcript.get("speaker_labels")),
            multichannel=bool(transcript.get("multichannel")),
            language_detection=bool(transcript.get("language_detection")),
        )
        if options.options_hash == key.options_hash:
            return engine
    return _ENGINES[0]


def _all(*names: Any) -> tuple[str, ...]:
    return tuple(name for name in names if isinstance(name, str))


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
