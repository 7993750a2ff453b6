"""Takes a call out of the data folder: archive, tables, pages, sessions. Doing it again is fine."""

from collections.abc import Collection, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from fermata.archive import TranscriptArchive
from fermata.forgetting.speaking import speaking_of
from fermata.ledger import Ledger
from fermata.quality.listening import FOLDER as WORD_ENDS
from fermata.runs.chunks import leave_out
from fermata.runs.coverage import VIEWS
from fermata.runs.pages import FOLDER as REPORTS
from fermata.runs.tabulate import tabulate
from fermata.sessions.places import FOLDER as SESSIONS
from fermata.sessions.places import working_storage
from fermata.storage import Storage
from fermata.tables import CALIBRATED_RECORDINGS, STREAMED_TURNS, STREAMED_WORDS
from fermata.tables.nights import NIGHTS
from fermata.tables.placed import batches_with
from fermata.tables.rewriting import change_rows, drop_sources
from fermata.upkeep.retention import delete_session

_COUNTED = "counted"


def erase_transcripts(storage: Storage, recording_id: str) -> int:
    """Deletes the archived transcripts of a recording, and what was measured in its sound."""
    archive = TranscriptArchive(storage)
    kept = archive.keys()
    found = [options for recording, options in kept if recording == recording_id]
    for options in found:
        storage.remove(archive.path(recording_id, options))
    for path in storage.list(WORD_ENDS, ".json"):
        if path.startswith(f"{WORD_ENDS}/{recording_id}."):
            storage.remove(path)
    return len(found)


def erase_rows(storage: Storage, ledger: Ledger, recording_id: str) -> int:
    """Takes a recording out of all tables; the ledger must have forgotten it before.

    Batches are written anew from the ledger and the archive, as after any change of either, so
    that no row of another run gets lost.

    Returns:
        How many files were written anew.
    """
    batches = frozenset[str]().union(*(batches_with(storage, view, recording_id) for view in VIEWS))
    for batch in sorted(batches):
        tabulate(batch, storage, ledger)
    nights = change_rows(storage, NIGHTS, lambda rows: _not_counting(rows, recording_id))
    rested_on = change_rows(
        storage, CALIBRATED_RECORDINGS, lambda rows: _not_resting_on(rows, recording_id)
    )
    return len(batches) * len(VIEWS) + nights + rested_on + leave_out(storage, recording_id)


def erase_reports(storage: Storage, traces: Iterable[str]) -> int:
    """Deletes the pages that name a call, which quote it and play it."""
    speaks = speaking_of(traces)
    pages = storage.list(REPORTS, ".html")
    found = [path for path in pages if speaks(storage.read(path).decode(errors="replace"))]
    for path in found:
        storage.remove(path)
    return len(found)


def erase_session(storage: Storage, session: str) -> int:
    """Deletes a session's folder, also where it waits to be delivered, and its rows.

    Returns:
        How many files and rows' files it had.
    """
    erased = 0
    for place in {id(each): each for each in (storage, working_storage(storage, None))}.values():
        if files := place.list(f"{SESSIONS}/{session}"):
            delete_session(place, session)
            erased += len(files)
    tables = (STREAMED_WORDS, STREAMED_TURNS)
    return erased + sum(drop_sources(storage, table, {session}) for table in tables)


def _not_resting_on(rows: pa.Table, recording_id: str) -> pa.Table | None:
    """What runs rest on without a recording; None where they never did."""
    others = rows.filter(pc.not_equal(rows["recording_id"], recording_id))
    return None if others.num_rows == rows.num_rows else others


def _not_counting(rows: pa.Table, recording_id: str) -> pa.Table | None:
    """The rows of nights without a recording; None where they never counted it."""
    if _COUNTED not in rows.schema.names:
        return None
    column = rows[_COUNTED]
    counted = list(_without(column.to_pylist(), recording_id))
    if counted == column.to_pylist():
        return None
    at = rows.schema.get_field_index(_COUNTED)
    return rows.set_column(at, rows.schema.field(at), pa.array(counted, column.type))


def _without(
    nights: Collection[list[dict[str, str]] | None], recording_id: str
) -> Iterator[list[dict[str, str]] | None]:
    for counted in nights:
        yield counted and [each for each in counted if each["recording_id"] != recording_id]
