"""Parts of a large batch, each in a file that another worker reads.

A file and not a parameter: Prefect refuses parameters above 512 KiB. What becomes of a part is
told by the ledger, so nothing but the file's path passes between the workers.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from fermata.errors import FermataError
from fermata.ledger import Job, JobKey, JobState, Ledger
from fermata.recordings import without_secrets
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import WorkItem, Worklist, is_new
from fermata.storage import NotStoredError, Storage
from fermata.tables.status import RecordingStatus

_FOLDER = "chunks"
_items = TypeAdapter(tuple[WorkItem, ...])


class ChunkGoneError(FermataError):
    """The file of a part is not there: the run that waits for it is over."""


def split(worklist: Worklist, size: int) -> tuple[Worklist, ...]:
    """Cuts what there is to do into parts of at most `size` recordings.

    The first is for the run itself, and holds as well those whose address has a secret in it,
    which must not be written down.
    """
    due = {item.key for item in worklist.new} | {job.key for job in worklist.open_jobs}
    items = [each for each in worklist.items if isinstance(each, WorkItem) and each.key in due]
    secret = [each for each in items if _has_secret(each)]
    open_ones = [each for each in items if not _has_secret(each)]
    parts = [open_ones[at : at + size] for at in range(0, len(open_ones), size)] or [[]]
    parts[0] = secret + parts[0]
    return tuple(_part(worklist, part) for part in parts)


def _has_secret(item: WorkItem) -> bool:
    return without_secrets(item.recording.uri) != item.recording.uri


def _part(worklist: Worklist, items: Sequence[WorkItem]) -> Worklist:
    keys = {item.key for item in items}
    return Worklist(
        items=tuple(items),
        duplicates=(),
        rejections=(),
        new=tuple(item for item in worklist.new if item.key in keys),
        open_jobs=tuple(job for job in worklist.open_jobs if job.key in keys),
    )


def write_chunk(storage: Storage, run_id: str, number: int, part: Worklist) -> str:
    """Writes the file of a part; returns its path below the data folder.

    Raises:
        StorageError: it could not be written.
    """
    items = tuple(item for item in part.items if isinstance(item, WorkItem))
    path = f"{_FOLDER}/{run_id}/{number:04d}.json"
    storage.write_atomically(path, _items.dump_json(items))
    return path


def read_chunk(storage: Storage, path: str, ledger: Ledger) -> Worklist:
    """Reads a part, with what is left to do of it by now.

    Raises:
        ChunkGoneError: there is no such file.
        StorageError: it could not be read.
    """
    try:
        items = _items.validate_json(storage.read(path))
    except NotStoredError:
        raise ChunkGoneError(
            f"{storage.uri(path)} is not there: the run that waited for it has ended"
        ) from None
    return left_of(Worklist(items, (), (), (), ()), ledger)


def leave_out(storage: Storage, recording_id: str) -> int:
    """Takes a recording out of the files of all parts; returns how many were changed.

    Raises:
        StorageError: a file could not be read or written.
    """
    changed = 0
    for path in storage.list(_FOLDER, ".json"):
        with suppress(NotStoredError, ValidationError):
            items = _items.validate_json(storage.read(path))
            left = tuple(item for item in items if item.key.recording_id != recording_id)
            if left != items:
                storage.write_atomically(path, _items.dump_json(left))
                changed += 1
    return changed


def left_of(part: Worklist, ledger: Ledger) -> Worklist:
    """The same part, with what is left to do of it by now."""
    jobs = ledger.jobs(item.key for item in part.items)
    return replace(
        part,
        new=tuple(
            item for item in part.items if isinstance(item, WorkItem) and is_new(jobs.get(item.key))
        ),
        open_jobs=tuple(job for job in jobs.values() if job.state is JobState.SUBMITTED),
    )


def settled_in(part: Worklist, ledger: Ledger) -> int:
    """How many recordings of a part have come to an end."""
    jobs = ledger.jobs(item.key for item in part.items)
    return sum(job.settled for job in jobs.values())


def unsettled_in(part: Worklist, ledger: Ledger, reason: str) -> dict[JobKey, Unsettled]:
    """The recordings of a part that have not come to an end.

    Args:
        part: the part.
        ledger: knows how far each has come.
        reason: why not, in one line.
    """
    jobs = ledger.jobs(item.key for item in part.items)
    return {job.key: _unsettled(job, reason) for job in jobs.values() if not job.settled}


def _unsettled(job: Job, reason: str) -> Unsettled:
    if job.attempted_ago_s is None:
        return Unsettled(reason, job.transcript_id)
    doubt = f"in doubt: a submission may have been accepted; {reason}"
    return Unsettled(doubt, None, RecordingStatus.IN_DOUBT)
