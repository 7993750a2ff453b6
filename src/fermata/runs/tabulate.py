"""From ledger and archive to the tables of recordings, one file of each per batch."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

from fermata.archive import TranscriptArchive
from fermata.ledger import Job, Ledger
from fermata.runs.ahead import ReadAhead
from fermata.runs.coverage import uncovered_batches
from fermata.runs.kept import tabled_without_transcript, with_present_rows
from fermata.runs.readings import TABLES, JobRows
from fermata.storage import Storage
from fermata.tables import RECORDINGS, footer_of, write_batch, written_with


def tabulate(
    batch: str, storage: Storage, ledger: Ledger, read_ahead: ReadAhead | None = None
) -> int:
    """Writes the files of a batch anew from what the ledger and the archive hold.

    Calls no service. Writing a batch again, after a crash or beside another run, leaves the
    same rows, because they follow from the settled jobs alone; those of a transcript that is
    no longer kept stay as they are.

    Args:
        batch: which.
        storage: the data folder with the archive.
        ledger: knows what is settled.
        read_ahead: the rows of transcripts that were read before; all are read now if None.

    Returns:
        How many recordings of the batch are settled.

    Raises:
        StorageError: a file could not be read or written.
    """
    ahead = read_ahead or ReadAhead(TranscriptArchive(storage))
    settled = ledger.settled_in(batch)
    while True:
        _write(batch, [ahead.rows_of(job) for job in settled], storage)
        # Another run may have settled a job of this batch, and written the file with it,
        # between our reading and our writing.
        now_settled = ledger.settled_in(batch)
        if _versions(now_settled) == _versions(settled):
            ledger.mark_tabled(settled)
            ahead.forget(settled)
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


def _write(batch: str, found: Sequence[JobRows], storage: Storage) -> None:
    missing = {rows.key for rows in found if not rows.has_transcript}
    stay = tabled_without_transcript(storage, batch, missing)
    pieces = [rows.frames for rows in found if rows.key not in stay]
    frames: dict[str, pa.Table] = {}
    for at, table in enumerate(TABLES):
        # Joined into one piece: how many there were must not show in the file.
        frame = pa.concat_tables([table.schema.empty_table(), *(each[at] for each in pieces)])
        frames[table.name] = with_present_rows(storage, table, batch, frame.combine_chunks(), stay)
    digest = written_with(frames[RECORDINGS.name])
    for table in TABLES:
        rows = frames[table.name]
        write_batch(storage, table, batch, rows, footer_of(digest, rows))
