"""A ledger that lost jobs gets them back from the archive and the tables; nothing is sent.

The archive holds each transcript under the key that it was billed by, and the table `recordings`
a row of each settled job, even where its transcript is kept no longer. What the ledger does not
know, or knows only from before it was sent, is put back from there: so a ledger that is gone,
empty or restored from an old backup bills nothing again. A transcript that the archive lost is
asked for again by its id, which costs nothing.

Neither of them knows the jobs that were still at the service: only the ledger did.
"""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from fermata import tables
from fermata.archive import TranscriptArchive
from fermata.forgetting.tombstones import remember_forgotten
from fermata.ledger import JobKey, JobState, Ledger, Place
from fermata.recordings import Recording
from fermata.runs.restored import restored_jobs
from fermata.storage import Storage
from fermata.tables.status import RecordingStatus

_Rows = Mapping[JobKey, Mapping[str, Any]]

# Looking a transcript up waits for the disk or the network more than for the processor.
_LOOKERS = 16
# For more of them the archive is listed, which takes a request for each thousand that it holds.
_FEW = 256
_KEY = ("recording_id", "options_hash")
_NOT_SENT = frozenset({JobState.PLANNED, JobState.UPLOADED, JobState.FAILED})


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was recovered.

    Attributes:
        restored: how many jobs the ledger got back.
        fetched_again: how many transcripts the archive has lost; they are asked for again.
        completed: of the recordings that a run found, those that need nothing more.
    """

    restored: int
    fetched_again: int
    completed: frozenset[JobKey] = frozenset()

    @property
    def lines(self) -> tuple[str, ...]:
        """What a person is to be told, a line each; nothing where nothing was lost."""
        said = []
        if self.restored:
            said.append(
                f"the ledger had lost {self.restored:,} recordings that the archive or the tables "
                "hold: put back from there, nothing is sent for them"
            )
        if self.fetched_again:
            said.append(
                f"the archive has lost {self.fetched_again:,} transcripts: asked for again by "
                "their ids, which costs nothing"
            )
        return tuple(said)


def recover(storage: Storage, ledger: Ledger, listed: Mapping[JobKey, Recording]) -> Recovered:
    """Puts back what the ledger or the archive lost, before anything is planned.

    Args:
        storage: the data folder.
        ledger: what may have lost jobs.
        listed: the recordings that a run found, which alone are looked up in the archive
            unless something turns out to be lost.

    Raises:
        TableError: the table of recordings cannot be read.
        StorageError: the archive cannot be looked through.
    """
    archive, places = TranscriptArchive(storage), ledger.lost.places()
    tabled = _tabled(storage, ("status", "transcript_id", "reason"))
    unsent = [key for key in listed if _is_unsent(places.get(key))]
    restored = 0
    if _lost_rows(places, tabled) or _archived_among(archive, unsent):
        restored = _restore(storage, ledger, places, listed)
        places = ledger.lost.places()
    in_doubt = [key for key in listed if _may_lack_transcript(places.get(key), tabled.get(key))]
    kept = _archived_among(archive, in_doubt)
    missing = ledger.jobs(key for key in in_doubt if key not in kept and _is_lost(tabled.get(key)))
    gone = [key for key, job in missing.items() if job.transcript_id is not None]
    ledger.lost.fetch_again(gone)
    ledger.lost.read_again(_readable(ledger, archive, kept & tabled.keys()))
    return Recovered(restored, len(gone), _completed_among(listed, places) - {*gone})


def restore_all(storage: Storage, ledger: Ledger) -> Recovered:
    """Puts back all that the ledger lost, whether or not the recordings are still there.

    Raises:
        TableError: the table of recordings cannot be read.
        StorageError: the archive cannot be looked through.
    """
    return Recovered(_restore(storage, ledger, ledger.lost.places(), {}), 0)


def _restore(
    storage: Storage,
    ledger: Ledger,
    places: Mapping[JobKey, Place],
    listed: Mapping[JobKey, Recording],
) -> int:
    archived = set(starmap(JobKey, TranscriptArchive(storage).keys()))
    rows = _tabled(storage, tables.RECORDINGS.schema.names)
    gone = remember_forgotten(storage, ledger)
    lost = {key for key in archived if _is_unsent(places.get(key))} | _lost_rows(places, rows)
    lost = {key for key in lost if key.recording_id not in gone}
    jobs = restored_jobs(lost, storage, archived=archived, rows=rows, listed=listed)
    ledger.lost.restore(jobs)
    return len(jobs)


def _tabled(storage: Storage, columns: Collection[str]) -> _Rows:
    """The newest row of each key, with its batch."""
    if not storage.list("recordings", ".parquet"):
        # The first run need not wait for what reads tables.
        return {}
    wanted = tuple(dict.fromkeys((*_KEY, *columns)))
    rows = tables.read_newest(storage, wanted).to_pylist()
    return {JobKey(row["recording_id"], row["options_hash"]): row for row in rows}


def _lost_rows(places: Mapping[JobKey, Place], rows: _Rows) -> set[JobKey]:
    """The rows that say more of a job than the ledger does.

    A row of a failure says so only where the service had accepted the job, and the ledger has
    never heard of it: one that failed is planned again, and is ahead of its row then.
    """
    return {
        key
        for key, row in rows.items()
        if (_is_unsent(places.get(key)) and row["status"] != RecordingStatus.FAILED)
        or (key not in places and row["transcript_id"] is not None)
    }


def _is_unsent(place: Place | None) -> bool:
    return place is None or place.state in _NOT_SENT


def _completed_among(keys: Iterable[JobKey], places: Mapping[JobKey, Place]) -> frozenset[JobKey]:
    return frozenset(
        key for key in keys if (place := places.get(key)) and place.state is JobState.COMPLETED
    )


def _may_lack_transcript(place: Place | None, row: Mapping[str, Any] | None) -> bool:
    """Whether a completed job has no figures, as one whose transcript is gone has none."""
    if place is None or place.state is not JobState.COMPLETED:
        return False
    return row is None or row["status"] == RecordingStatus.FAILED


def _is_lost(row: Mapping[str, Any] | None) -> bool:
    """Whether a transcript that is gone was lost; one that said nonsense may have been tidied."""
    # Late: a run makes its first request before it reads a transcript or a table.
    from fermata.runs.readings import tells_of_lost_transcript  # noqa: PLC0415

    return row is None or tells_of_lost_transcript(row["reason"])


def _readable(ledger: Ledger, archive: TranscriptArchive, failed: Iterable[JobKey]) -> list[JobKey]:
    """Those of the transcripts that could not be read which can by now: restored, or mended."""
    jobs = ledger.jobs(failed)
    if not jobs:
        return []
    from fermata.runs.readings import read_job  # noqa: PLC0415 - as above

    return [
        key
        for key, job in jobs.items()
        if read_job(job, archive).row.status != RecordingStatus.FAILED
    ]


def _archived_among(archive: TranscriptArchive, keys: Collection[JobKey]) -> set[JobKey]:
    if len(keys) > _FEW:
        return set(starmap(JobKey, archive.keys())).intersection(keys)
    with ThreadPoolExecutor(max_workers=_LOOKERS) as lookers:
        found = lookers.map(lambda key: archive.exists(key.recording_id, key.options_hash), keys)
        return {key for key, exists in zip(keys, found, strict=True) if exists}
