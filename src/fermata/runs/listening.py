"""Word ends against the sound, for recordings whose transcripts are in the archive."""

from collections.abc import Sequence
from typing import BinaryIO

from fermata.archive import TranscriptArchive
from fermata.quality import CallFacts, WordEndSample, choose_for_listening, measure_word_ends
from fermata.recordings import open_content
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


def _open(call: CallFacts) -> BinaryIO:
    return open_content(call.uri)
