"""The tables that the data folder holds as Parquet: columns, rows, files, reading back.

```
schemas ◀── rows      dataclasses in, Arrow out
        ◀── placed    which file counts for a transcript that two files hold
        ◀── files     one file per batch, replaced whole; all files read as one table
        ◀── small     the same without what makes large ones quick
        ◀── footers   which files of a batch were written together
        ◀── pooling   the gaps of chosen recordings
        ◀── calibrations
        ◀── turn_taking
streamed              columns and rows of live sessions
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.tables.calibrations import CALIBRATED_RECORDINGS, CALIBRATIONS
    from fermata.tables.files import (
        Filters,
        TableError,
        read_arrow,
        read_batch,
        read_newest,
        read_placed,
        read_table,
        write_batch,
    )
    from fermata.tables.footers import footer_of, read_footers, written_with
    from fermata.tables.keys import TranscriptKey, rows_of
    from fermata.tables.pooling import positive_gaps
    from fermata.tables.rows import (
        RecordingGaps,
        RecordingRow,
        figures_of,
        gaps_frame,
        recordings_frame,
    )
    from fermata.tables.schemas import GAP_FIGURES, GAPS, RECORDINGS, Table
    from fermata.tables.small import read_rows
    from fermata.tables.status import RecordingStatus
    from fermata.tables.streamed import (
        STREAMED_TURNS,
        STREAMED_WORDS,
        StreamedTurn,
        StreamedWord,
        streamed_turns_frame,
        streamed_words_frame,
    )
    from fermata.tables.turn_taking import (
        IPUS,
        SILENCES,
        TURNS,
        IpuKind,
        RecordingTurnTaking,
        TurnTakingFrames,
        turn_taking_frames,
    )
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "CALIBRATED_RECORDINGS",
    "CALIBRATIONS",
    "GAPS",
    "GAP_FIGURES",
    "IPUS",
    "RECORDINGS",
    "SILENCES",
    "STREAMED_TURNS",
    "STREAMED_WORDS",
    "TURNS",
    "Filters",
    "IpuKind",
    "RecordingGaps",
    "RecordingRow",
    "RecordingStatus",
    "RecordingTurnTaking",
    "StreamedTurn",
    "StreamedWord",
    "Table",
    "TableError",
    "TranscriptKey",
    "TurnTakingFrames",
    "figures_of",
    "footer_of",
    "gaps_frame",
    "positive_gaps",
    "read_arrow",
    "read_batch",
    "read_footers",
    "read_newest",
    "read_placed",
    "read_rows",
    "read_table",
    "recordings_frame",
    "rows_of",
    "streamed_turns_frame",
    "streamed_words_frame",
    "turn_taking_frames",
    "write_batch",
    "written_with",
]
