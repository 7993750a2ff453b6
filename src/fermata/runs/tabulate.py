"""From ledger and archive to the tables of recordings, one file of each per batch."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

from fermata.archive import TranscriptArchive
from fermata.ledger import Job, Ledger
from fermata.quality import QUALITY, quality_frame
from fermata.runs.coverage import uncovered_batches
from fermata.runs.kept import tabled_without_transcript, with_present_rows
from fermata.runs.readings import Reading, read_job
from fermata.storage import Storage
from fermata.tables import (
    GAPS,
    IPUS,
    RECORDINGS,
    SILENCES,
    TURNS,
    Table,
    gaps_frame,
    recordings_frame,
    turn_taking_frames,
    write_batch,
)


def tabulate(batch: str, storage: Storage, ledger: Ledger) -> int:
    """Writes the files of a batch anew from what the ledger and the archive hold.

    Calls no service. Writing a batch again, after a crash or beside another run, leaves the
    same rows, because they follow from the settled jobs alone; those of a transcript that is
    no longer kept stay as they are.

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


def batches_to_tabulate(storage: Storage, ledger: Ledger) -> tuple[str, ...]:
    """The batches whose files lack something, of this run, a killed one or an older version.

    They are those with a settled job that is not tabled, and those whose files are not what the
    ledger and the archive make of them.

    Raises:
        TableError: the table of recordings cannot be read.
        StorageError: the data folder cannot be listed.
    """
    untabled = {job.batch for job in ledger.untabled()}
    return tuple(sorted(untabled | uncovered_batches(storage, ledger)))


def _versions(jobs: Iterable[Job]) -> set[tuple[object, ...]]:
    return {(job.key, job.state, job.settled_at) for job in jobs}


def _write(batch: str, jobs: Sequence[Job], storage: Storage) -> None:
    archive = TranscriptArchive(storage)
    read = [(job.key, read_job(job, archive)) for job in jobs]
    missing = {key for key, reading in read if not reading.has_transcript}
    stay = tabled_without_transcript(storage, batch, missing)
    readings = [reading for key, reading in read if key not in stay]
    for table, frame in _frames(readings):
        write_batch(storage, table, batch, with_present_rows(storage, table, batch, frame, stay))


def _frames(readings: Sequence[Reading]) -> tuple[tuple[Table, pa.Table], ...]:
    found = turn_taking_frames(each.turn_taking for each in readings if each.turn_taking)
    facts = quality_frame(each.facts for each in readings if each.facts)
    return (
        (GAPS, gaps_frame(each.gaps for each in readings)),
        (IPUS, found.ipus),
        (SILENCES, found.silences),
        (TURNS, found.turns),
        (QUALITY, facts),
        # Last: whoever sees a recording's row finds its other rows as well.
        (RECORDINGS, recordings_frame(each.row for each in readings)),
    )
