"""Whether the tables hold what the ledger says they do; a file may be deleted, or be too old.

A night that finds nothing new asks this too, so no row is read but the keys of `recordings`:
whether the other files are of the same time as these is told by their footers.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fermata.ledger import JobKey, JobState, Ledger, Place
from fermata.quality import QUALITY
from fermata.report.result import RecordingResult
from fermata.storage import Storage
from fermata.tables import GAPS, IPUS, RECORDINGS, SILENCES, TURNS, read_footers, read_placed
from fermata.tables.placed import BATCH, batch_of

if TYPE_CHECKING:
    import pandas as pd

_logger = logging.getLogger(__name__)

VIEWS = (RECORDINGS, GAPS, IPUS, SILENCES, TURNS, QUALITY)
"""The tables that are views of the archive: a batch has one file in each."""

_SETTLED = frozenset({JobState.COMPLETED, JobState.FAILED})
_KEY = ("recording_id", "options_hash")


def uncovered_batches(storage: Storage, ledger: Ledger) -> set[str]:
    """The batches whose files are not what the ledger and the archive make of them.

    A file is missing, torn, or was not written together with the others, as one that was
    restored from an older copy; or those of `recordings` lack a recording that was settled, or
    hold one that belongs to another batch.

    Raises:
        TableError: the table of recordings cannot be read.
        StorageError: the data folder cannot be listed.
    """
    places = ledger.lost.places()
    settled = {key: place for key, place in places.items() if place.state in _SETTLED}
    files = _files(storage)
    known = {place.batch for place in settled.values()}
    # A batch that the ledger has never heard of is one as long as it has rows of recordings.
    incomplete = (known | files[RECORDINGS.name]) - set[str].intersection(*files.values())
    return (
        incomplete
        | _not_of_one_time(storage, files[RECORDINGS.name] - incomplete)
        | _not_as_settled(storage, places, settled)
    )


def warn_of_other_gaps(results: Iterable[RecordingResult], gaps: "pd.DataFrame") -> None:
    """Says how many recordings have other gaps than their rows of `recordings` say.

    So it is where transcripts are kept no longer and a file was restored from a copy that is
    older than its batch, or the whole batch is from before files named what they belong to.

    Args:
        results: the recordings.
        gaps: their positive gaps, as `positive_gaps` gives them.
    """
    counts = gaps.groupby("recording_id", observed=True).size()
    told = {each.recording_id: each.statistics for each in results if each.recording_id}
    off = sum(
        counts.get(recording_id, 0) != (statistics.total_gaps if statistics else 0)
        for recording_id, statistics in told.items()
    )
    if off:
        _logger.warning(
            "%d recordings have other gaps in the table gaps than the table recordings says: "
            "run `fermata reprocess`, which writes both anew, or restore a newer copy of gaps "
            "where their transcripts are kept no longer",
            off,
        )


def _files(storage: Storage) -> dict[str, set[str]]:
    """The batches that have a file, by table."""
    return {
        view.name: {batch_of(path) for path in storage.list(view.name, ".parquet")}
        for view in VIEWS
    }


def _not_of_one_time(storage: Storage, batches: set[str]) -> set[str]:
    """The batches whose files were not written together."""
    paths = {batch: [f"{view.name}/{batch}.parquet" for view in VIEWS] for batch in batches}
    told = read_footers(storage, [path for each in paths.values() for path in each])
    return {batch for batch, each in paths.items() if len({told[path] for path in each}) > 1}


def _not_as_settled(
    storage: Storage, places: Mapping[JobKey, Place], settled: Mapping[JobKey, Place]
) -> set[str]:
    held: defaultdict[str, set[JobKey]] = defaultdict(set)
    rows = read_placed(storage, _KEY).to_pydict()
    for *key, batch in zip(*(rows[name] for name in (*_KEY, BATCH)), strict=True):
        held[batch].add(JobKey(*key))
    lacking = {place.batch for key, place in settled.items() if key not in held[place.batch]}
    doubled = {
        batch
        for batch, keys in held.items()
        if any(key in places and places[key].batch != batch for key in keys)
    }
    return lacking | doubled
