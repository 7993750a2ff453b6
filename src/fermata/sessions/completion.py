"""The end of a session on disk: its tables, its transcript, and last its `session.json`."""

import json

from fermata.sessions.cleaning import Cleaner
from fermata.sessions.kept import KeptSession, ended_object, tidied
from fermata.sessions.places import TRANSCRIPT_FILE, deliver, session_file, write_state
from fermata.sessions.tabulate import turn_rows, word_rows
from fermata.sessions.transcript import transcript_object
from fermata.storage import Storage
from fermata.tables import (
    STREAMED_TURNS,
    STREAMED_WORDS,
    streamed_turns_frame,
    streamed_words_frame,
    write_batch,
)


def complete(kept: KeptSession, cleaner: Cleaner, working: Storage, storage: Storage) -> None:
    """Writes all that a session's end tells. Doing it again leaves the same files.

    `session.json` is written last: as long as it says that the session runs, a recovery will
    do what is left to do.

    Args:
        kept: The session.
        cleaner: Takes secrets out.
        working: Where its files are, see `places`.
        storage: The data folder.

    Raises:
        StorageError: A file could not be written, or not be brought into the data folder.
        TableError: The turns do not fit their table.
    """
    kept = tidied(kept, cleaner)
    write_batch(storage, STREAMED_TURNS, kept.session, streamed_turns_frame(turn_rows(kept)))
    write_batch(storage, STREAMED_WORDS, kept.session, streamed_words_frame(word_rows(kept)))
    transcript = json.dumps(cleaner.clean(transcript_object(kept)), ensure_ascii=False)
    working.write_atomically(session_file(kept.session, TRANSCRIPT_FILE), transcript.encode())
    write_state(working, kept.session, cleaner.clean(ended_object(kept)))
    deliver(working, storage, kept.session)
