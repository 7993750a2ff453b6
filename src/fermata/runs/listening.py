"""Word ends against the sound, for recordings whose transcripts are in the archive."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from fermata.archive import TranscriptArchive
from fermata.ledger import JobKey
from fermata.quality import (
    QUALITY,
    CallFacts,
    WordEndSample,
    choose_for_listening,
    facts_in,
    measure_word_ends,
)
from fermata.quality.listening import MAX_RECORDINGS
from fermata.recordings import open_content
from fermata.runs.readings import TABLES, JobRows
from fermata.storage import Storage
from fermata.turntaking import Conversation
from fermata.turntaking.shapes import read_transcript


def listen(facts: Sequence[CallFacts], storage: Storage) -> WordEndSample:
    """Compares word ends with the sound, for a sample of calls that stays the same.

    What was measured before is read back; audio that cannot be opened is counted.

    Args:
        facts: of all calls.
        storage: the data folder with the archive.

    Raises:
        StorageError: a result could not be kept.
    """
    archive = TranscriptArchive(storage)

    def conversation_of(call: CallFacts) -> Conversation:
        return read_transcript(archive.read(call.recording_id, call.options_hash))

    return measure_word_ends(choose_for_listening(facts), storage, conversation_of, _open)


def listen_ahead(rows: JobRows, storage: Storage) -> None:
    """Measures the word ends of one call and keeps them, for `listen` to read back.

    Args:
        rows: of its transcript; nothing is done where there is nothing to measure.
        storage: the data folder with the archive.

    Raises:
        StorageError: the result could not be kept.
    """
    listen(facts_in(rows.frames[TABLES.index(QUALITY)]), storage)


def likely_sample(keys: Iterable[JobKey]) -> frozenset[JobKey]:
    """Those of a run's transcripts that `listen` will choose if all of them can be analysed."""
    ordered = sorted(keys, key=lambda key: (key.recording_id, key.options_hash))
    return frozenset(ordered[:MAX_RECORDINGS])


def _open(call: CallFacts) -> BinaryIO:
    return open_content(call.uri)
