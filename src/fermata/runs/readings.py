"""What one archived transcript says: its gaps, its turn-taking, and facts of its quality."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from fermata.archive import DamagedArchiveError, TranscriptArchive
from fermata.errors import FermataError
from fermata.ledger import Job, JobKey, JobState
from fermata.quality import QUALITY, CallFacts, CallSource, facts_of, quality_frame
from fermata.quoting import quoted
from fermata.storage import NotStoredError
from fermata.tables import (
    GAPS,
    IPUS,
    RECORDINGS,
    SILENCES,
    TURNS,
    RecordingGaps,
    RecordingRow,
    RecordingStatus,
    RecordingTurnTaking,
    gaps_frame,
    recordings_frame,
    turn_taking_frames,
)
from fermata.turntaking import (
    Conversation,
    Gap,
    MalformedTranscriptError,
    Transcript,
    TurnTaking,
    analyse_utterances,
    transcript_of,
    turn_taking,
)
from fermata.validation import length_s

# The recordings come last: whoever sees a recording's row finds its other rows as well.
TABLES = (GAPS, IPUS, SILENCES, TURNS, QUALITY, RECORDINGS)
"""The tables that a transcript has rows in, in the order in which they are written."""


# How the storage and the archive begin to say so.
_LOST = (" is not there; ", " is damaged (")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the archive says of one settled job.

    Attributes:
        row: of the table `recordings`.
        gaps: of the table `gaps`.
        turn_taking: of the tables `ipus`, `silences` and `turns`; None without words.
        facts: of the table `quality`; None likewise.
        has_transcript: whether the archive keeps its transcript, readable or not.
    """

    row: RecordingRow
    gaps: RecordingGaps
    turn_taking: RecordingTurnTaking | None
    facts: CallFacts | None
    has_transcript: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class JobRows:
    """The rows of one settled job, laid out as the tables have them.

    Attributes:
        key: whose they are.
        has_transcript: whether the archive keeps its transcript, readable or not.
        frames: its rows of each of `TABLES`.
    """

    key: JobKey
    has_transcript: bool
    frames: tuple[pa.Table, ...]

    @property
    def nbytes(self) -> int:
        """How much memory they take."""
        return sum(frame.nbytes for frame in self.frames)


def read_job(job: Job, archive: TranscriptArchive) -> Reading:
    """Reads the transcript of a settled job; one that cannot be read says why in its row."""
    if job.state is JobState.FAILED:
        return _failed(job, job.reason)
    try:
        answer = archive.read(job.key.recording_id, job.key.options_hash)
        return _read(job, transcript_of(answer, _length_s(job, answer)))
    except NotStoredError as error:
        return replace(_failed(job, f"{error}; {_how_it_returns(job)}"), has_transcript=False)
    except (DamagedArchiveError, MalformedTranscriptError) as error:
        return _failed(job, str(error))


def _how_it_returns(job: Job) -> str:
    if job.transcript_id is None:
        return "its id is lost too, so restore the file from a copy"
    return (
        "calibrate or nightly over the recording asks for it again by its id, which costs nothing"
    )


def tells_of_lost_transcript(reason: str | None) -> bool:
    """Whether a row failed because its transcript was damaged or gone, not for what it says."""
    return reason is not None and any(mark in reason for mark in _LOST)


def _length_s(job: Job, answer: Mapping[str, Any]) -> float | None:
    """How long the recording is; None where the service, whose clock the times are on, is silent.

    The longer of what it and the file's head say: a head may hold an estimate.
    """
    if "audio_duration" not in answer:
        return None
    told = (length_s(answer["audio_duration"]), length_s(job.duration_s))
    return max((each for each in told if each is not None), default=None)


def rows_of_job(job: Job, archive: TranscriptArchive) -> JobRows:
    """The rows that follow from what the archive says of a settled job.

    Raises:
        StorageError: the archive could not be read.
    """
    try:
        return _rows(job.key, read_job(job, archive))
    except FermataError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours in one must not sink the others
        reason = f"unexpected {type(error).__name__}: {quoted(str(error))}"
        return _rows(job.key, _failed(job, reason))


def _rows(key: JobKey, reading: Reading) -> JobRows:
    found = turn_taking_frames([reading.turn_taking] if reading.turn_taking else [])
    facts = quality_frame([reading.facts] if reading.facts else [])
    gaps, row = gaps_frame([reading.gaps]), recordings_frame([reading.row])
    frames = (gaps, found.ipus, found.silences, found.turns, facts, row)
    return JobRows(key, reading.has_transcript, frames)


def _failed(job: Job, reason: str | None) -> Reading:
    """What is said of a job that nothing can be read of."""
    return Reading(_empty_row(job, reason), _gaps(job, ()), None, None)


def _read(job: Job, transcript: Transcript) -> Reading:
    analysis = analyse_utterances(transcript.utterances)
    row = replace(
        _empty_row(job, analysis.status.reason),
        speech_model=transcript.speech_model,
        status=RecordingStatus(analysis.status),
        total_utterances=analysis.total_utterances,
        statistics=analysis.statistics,
        language=transcript.language,
    )
    gaps = _gaps(job, analysis.gaps)
    conversation = transcript.conversation
    if not conversation.words:
        return Reading(row, gaps, None, None)
    row = replace(
        row, speakers=len(conversation.speakers), is_punctuated=conversation.is_punctuated
    )
    found = turn_taking(conversation)
    return Reading(row, gaps, _turn_taking(job, found), _facts(row, conversation, found))


def _gaps(job: Job, gaps: tuple[Gap, ...]) -> RecordingGaps:
    return RecordingGaps(
        recording_id=job.key.recording_id,
        options_hash=job.key.options_hash,
        group=job.group,
        gaps=gaps,
    )


def _turn_taking(job: Job, found: TurnTaking) -> RecordingTurnTaking:
    return RecordingTurnTaking(job.key.recording_id, job.key.options_hash, job.group, found)


def _facts(row: RecordingRow, conversation: Conversation, found: TurnTaking) -> CallFacts:
    source = CallSource(
        recording_id=row.recording_id,
        options_hash=row.options_hash,
        group=row.group,
        name=row.name,
        uri=row.uri,
        engine=row.engine,
        speech_model=row.speech_model,
        channels=row.channels,
    )
    return facts_of(conversation, found, source)


def _empty_row(job: Job, reason: str | None) -> RecordingRow:
    assert job.settled_at is not None
    return RecordingRow(
        recording_id=job.key.recording_id,
        options_hash=job.key.options_hash,
        name=job.name,
        uri=job.uri,
        group=job.group,
        duration_s=length_s(job.duration_s),
        channels=job.channels,
        engine=job.engine,
        speech_model=None,
        transcript_id=job.transcript_id,
        status=RecordingStatus.FAILED,
        reason=reason,
        total_utterances=0,
        statistics=None,
        speakers=None,
        is_punctuated=None,
        language=None,
        run_id=job.run_id,
        # The time of the answer, not of this writing: the file stays a function of the ledger.
        analysed_at=job.settled_at,
    )
