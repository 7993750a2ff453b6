"""The key that rows of one transcript share, and the filter that finds them."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

TRANSCRIPT_KEY = ("recording_id", "options_hash")
"""The columns that every table of transcripts begins its key with."""


class TranscriptKey(Protocol):
    """Whatever names a recording and the options of its transcript."""

    @property
    def recording_id(self) -> str:
        """Content hash of the recording."""

    @property
    def options_hash(self) -> str:
        """Hash of the request options."""


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
