"""The gaps of chosen recordings, out of tables that may hold many more."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from fermata.storage import Storage
from fermata.tables.files import read_arrow
from fermata.tables.schemas import GAPS

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("recording_id", "options_hash", "gap_ms")


class TranscriptKey(Protocol):
    """Whatever names a recording and the options of its transcript."""

    @property
    def recording_id(self) -> str:
        """Content hash of the recording."""

    @property
    def options_hash(self) -> str:
        """Hash of the request options."""


def positive_gaps(storage: Storage, keys: Iterable[TranscriptKey]) -> "pd.DataFrame":
    """The gaps above zero of some recordings, whichever batches they are in.

    Args:
        storage: the data folder.
        keys: which recordings, with which options; those without gaps add no row.

    Returns:
        Columns `recording_id` and `options_hash` (categorical) and `gap_ms` (int64).

    Raises:
        TableError: a file of the table cannot be read.
    """
    rows = read_arrow(storage, GAPS, _COLUMNS, rows_of(keys) & (pc.field("gap_ms") > 0))
    frame: pd.DataFrame = rows.to_pandas(categories=["recording_id", "options_hash"])
    return frame


def rows_of(keys: Iterable[TranscriptKey]) -> pc.Expression:
    """The filter that lets pass the rows of some transcripts, for `read_arrow`."""
    ids_by_options: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        ids_by_options[key.options_hash].add(key.recording_id)
    # One list of ids per set of options: few, so that the files' statistics can be used.
    return reduce(
        or_,
        (
            (pc.field("options_hash") == options) & pc.field("recording_id").isin(sorted(ids))
            for options, ids in sorted(ids_by_options.items())
        ),
        pc.field("recording_id").isin(pa.array([], pa.string())),
    )
