"""The table `quality`: a row of facts per call."""

from collections.abc import Iterable
from dataclasses import asdict, fields

import pyarrow as pa

from fermata.quality.models import CallFacts
from fermata.tables import Table

_TEXT = frozenset({"recording_id", "options_hash", "group", "name", "uri", "engine", "unit"})
_NULLABLE = {
    "speech_model": pa.string(),
    "channels": pa.int64(),
    "clock_offset_ms": pa.int64(),
}


def _column(name: str) -> pa.Field:
    if name in _NULLABLE:
        return pa.field(name, _NULLABLE[name])
    return pa.field(name, pa.string() if name in _TEXT else pa.int64(), nullable=False)


QUALITY = Table(
    "quality",
    pa.schema([_column(field.name) for field in fields(CallFacts)]),
    key=("recording_id", "options_hash"),
)
"""One row per transcript whose turn-taking was found."""


def quality_frame(facts: Iterable[CallFacts]) -> pa.Table:
    """The table `quality` of some calls."""
    return pa.Table.from_pylist([asdict(each) for each in facts], schema=QUALITY.schema)


def facts_in(rows: pa.Table) -> tuple[CallFacts, ...]:
    """The facts that rows of the table `quality` hold, in their order."""
    return tuple(CallFacts(**row) for row in rows.to_pylist())
