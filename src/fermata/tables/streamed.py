"""The tables of what was streamed: turns and words, one file of each per session."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa

from fermata.tables.schemas import Table

_TIME = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_INTEGER = pa.int64()
_NUMBER = pa.float64()
_YES_OR_NO = pa.bool_()


def _schema(required: dict[str, pa.DataType], nullable: dict[str, pa.DataType]) -> pa.Schema:
    must = [pa.field(name, kind, nullable=False) for name, kind in required.items()]
    may = [pa.field(name, kind) for name, kind in nullable.items()]
    return pa.schema([*must, *may])


STREAMED_TURNS = Table(
    "streamed_turns",
    _schema(
        {
            "session": _TEXT,
            "channel": _INTEGER,
            "turn_order": _INTEGER,
            "channel_name": _TEXT,
            "session_id": _TEXT,
            "source": _TEXT,
            "provider": _TEXT,
            "started_at": _TIME,
            "state": _TEXT,
            "text": _TEXT,
            "words": _INTEGER,
            "is_formatted": _YES_OR_NO,
            "parameters": _TEXT,
            "channel_dropped_frames": _INTEGER,
            "channel_dropped_ms": _NUMBER,
            "channel_reconnections": _INTEGER,
        },
        {
            "speaker": _TEXT,
            "language": _TEXT,
            "start_ms": _INTEGER,
            "end_ms": _INTEGER,
            "first_partial_latency_ms": _NUMBER,
            "final_latency_ms": _NUMBER,
            "session_billed_s": _NUMBER,
            "session_billed_is_estimated": _YES_OR_NO,
            "llm_answer": _TEXT,
            "speech_model": _TEXT,
            "group": _TEXT,
            "preset": _TEXT,
            "min_turn_silence_ms": _INTEGER,
            "max_turn_silence_ms": _INTEGER,
            "run_id": _TEXT,
        },
    ),
    key=("session", "channel", "turn_order"),
)
"""One row per turn, as it stood at the end; figures of the session repeat in each row."""

STREAMED_WORDS = Table(
    "streamed_words",
    _schema(
        {
            "session": _TEXT,
            "channel": _INTEGER,
            "turn_order": _INTEGER,
            "word_index": _INTEGER,
            "text": _TEXT,
            "start_ms": _INTEGER,
            "end_ms": _INTEGER,
            "is_final": _YES_OR_NO,
        },
        {"confidence": _NUMBER, "speaker": _TEXT, "group": _TEXT},
    ),
    key=("session", "channel", "turn_order", "word_index"),
)
"""One row per word, with its own speaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedTurn:
    """One row of the table `streamed_turns`; times in ms from the start of the source.

    Attributes:
        session: the session's name.
        channel: index of the channel.
        turn_order: increases over the whole channel; with the two above, the key.
        channel_name: its name.
        session_id: the service's session that heard the turn.
        source: the file's or device's name.
        provider: the service's name.
        started_at: when the session began to be kept, with a time zone.
        state: `final`; `cut` or `open` for one whose end was never heard.
        text: what was said.
        words: how many words, see the table `streamed_words`.
        is_formatted: whether the service formatted the text.
        parameters: what was asked of the service, as a JSON object.
        channel_dropped_frames: frames that the channel never sent.
        channel_dropped_ms: how much audio they held.
        channel_reconnections: sessions that the channel opened after its first.
        speaker: the service's label for the turn, None where it can't tell.
        language: language code, where detected.
        start_ms: where its first word starts, None without words.
        end_ms: where its last word ends, None without words.
        first_partial_latency_ms: from the words of its first message to that message.
        final_latency_ms: from its last word to the first message that said it was over.
        session_billed_s: what the service's session is billed, not the turn; None where the
            session was never ended.
        session_billed_is_estimated: whether that was measured here.
        llm_answer: what a language model answered.
        speech_model: the service's model.
        group: whose calibration the turn settings come from.
        preset: where the turn settings come from.
        min_turn_silence_ms: the silence that ended a turn which sounded complete.
        max_turn_silence_ms: the silence that ended any turn.
        run_id: the flow run.
    """

    session: str
    channel: int
    turn_order: int
    channel_name: str
    session_id: str
    source: str
    provider: str
    started_at: datetime
    state: str
    text: str
    words: int
    is_formatted: bool
    parameters: str
    channel_dropped_frames: int
    channel_dropped_ms: float
    channel_reconnections: int
    speaker: str | None
    language: str | None
    start_ms: int | None
    end_ms: int | None
    first_partial_latency_ms: float | None
    final_latency_ms: float | None
    session_billed_s: float | None
    session_billed_is_estimated: bool | None
    llm_answer: str | None
    speech_model: str | None
    group: str | None
    preset: str | None
    min_turn_silence_ms: int | None
    max_turn_silence_ms: int | None
    run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedWord:
    """One row of the table `streamed_words`; times in ms from the start of the source."""

    session: str
    channel: int
    turn_order: int
    word_index: int
    text: str
    start_ms: int
    end_ms: int
    is_final: bool
    confidence: float | None
    speaker: str | None
    group: str | None


def streamed_turns_frame(rows: Iterable[StreamedTurn]) -> pa.Table:
    """The table `streamed_turns` of some rows."""
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=STREAMED_TURNS.schema)


def streamed_words_frame(rows: Iterable[StreamedWord]) -> pa.Table:
    """The table `streamed_words` of some rows."""
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=STREAMED_WORDS.schema)
