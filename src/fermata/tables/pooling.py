"""The gaps of chosen recordings, out of tables that may hold many more."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from fermata.storage import Storage
from fermata.tables.files import read_arrow
from fermata.tables.keys import TranscriptKey, rows_of
from fermata.tables.schemas import GAPS

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("recording_id", "options_hash", "gap_ms")


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
