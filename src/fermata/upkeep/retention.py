"""What is older than it need be kept: transcripts, reports, live sessions and their words.

Nothing that is still needed is ever too old: jobs that are not settled, transcripts that the
tables do not hold yet, sessions that did not end. The ledger keeps every job, so that nothing is
transcribed and billed a second time, and the tables keep their rows.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import starmap
from pathlib import Path, PurePosixPath
from typing import Any

from fermata.archive import TranscriptArchive
from fermata.ledger import Job, JobKey, Ledger
from fermata.runs.coverage import uncovered_batches
from fermata.runs.pages import FOLDER as REPORTS
from fermata.sessions.kept import SessionState
from fermata.sessions.places import AUDIO_FILE, FOLDER, STATE_FILE, session_file
from fermata.storage import NotStoredError, Storage
from fermata.tables import RECORDINGS, STREAMED_TURNS, STREAMED_WORDS, read_arrow
from fermata.tables.rewriting import drop_sources

_ENDED = frozenset(SessionState) - {SessionState.RUNNING}


@dataclass(frozen=True, slots=True)
class Keep:
    """How many days things are kept; None for ever.

    Attributes:
        transcripts_days: archived transcripts, from when they arrived.
        audio_days: the audio of live sessions, from their end.
        sessions_days: all files of live sessions, from their end.
        streamed_days: what live sessions heard, in the tables, from their beginning.
        reports_days: the pages of runs, from when they were made.
    """

    transcripts_days: int | None = None
    audio_days: int | None = None
    sessions_days: int | None = None
    streamed_days: int | None = None
    reports_days: int | None = None


def expired_transcripts(
    storage: Storage, ledger: Ledger, days: int | None, now: datetime
) -> tuple[Job, ...]:
    """The jobs whose archived transcripts are older than that, oldest first.

    Only transcripts whose recordings stand in the tables count, in batches whose files are all
    there and of one time: their rows can be made from nothing else.

    Raises:
        TableError: the table of recordings cannot be read.
        StorageError: the archive cannot be listed.
    """
    if days is None:
        return ()
    old = [
        job for job in ledger.completed() if job.tabled_at and _is_past(job.settled_at, days, now)
    ]
    if not old:
        return ()
    archived = set(starmap(JobKey, TranscriptArchive(storage).keys()))
    tabled = set(_tabled(storage))
    expired = [job for job in old if job.key in archived and job.key in tabled]
    needed = uncovered_batches(storage, ledger) if expired else set()
    return tuple(job for job in expired if job.batch not in needed)


def expired_audio(storage: Storage, days: int | None, now: datetime) -> tuple[str, ...]:
    """The ended sessions, by name, whose audio is kept and older than that."""
    if days is None:
        return ()
    with_audio = set(_sessions_with(storage, AUDIO_FILE))
    return tuple(name for name in _ended_before(storage, days, now) if name in with_audio)


def expired_sessions(storage: Storage, days: int | None, now: datetime) -> tuple[str, ...]:
    """The ended sessions, by name, that ended longer ago than that."""
    return () if days is None else tuple(_ended_before(storage, days, now))


def expired_streamed(storage: Storage, days: int | None, now: datetime) -> tuple[str, ...]:
    """The sessions, by name, whose turns and words in the tables are older than that.

    Raises:
        TableError: a table cannot be read.
    """
    if days is None:
        return ()
    began = read_arrow(storage, STREAMED_TURNS, ("session", "started_at")).to_pylist()
    return tuple(
        sorted({row["session"] for row in began if _is_past(row["started_at"], days, now)})
    )


def expired_reports(storage: Storage, days: int | None, now: datetime) -> tuple[str, ...]:
    """The pages of runs, by path, that are older than that."""
    if days is None:
        return ()
    pages = storage.list(REPORTS, ".html")
    return tuple(page for page in pages if _is_past(storage.modified_at(page), days, now))


def delete_transcript(storage: Storage, key: JobKey) -> None:
    """Deletes an archived transcript.

    Raises:
        StorageError: it could not be deleted.
    """
    storage.remove(TranscriptArchive(storage).path(key.recording_id, key.options_hash))


def delete_audio(storage: Storage, session: str) -> None:
    """Deletes the audio of a session, and says in its `session.json` that there is none.

    Raises:
        StorageError: it could not be deleted.
    """
    path = session_file(session, STATE_FILE)
    state = _state(storage, path)
    text = json.dumps({**state, "recording": None}, ensure_ascii=False, indent=2)
    # First, so that it never names a file that is gone.
    storage.write_atomically(path, text.encode())
    storage.remove(session_file(session, AUDIO_FILE))


def delete_session(storage: Storage, session: str) -> None:
    """Deletes all files of a session; its turns and words stay in the tables.

    Raises:
        StorageError: a file could not be deleted; the next call deletes what is left.
    """
    last = session_file(session, STATE_FILE)
    for path in storage.list(f"{FOLDER}/{session}"):
        if path != last:
            storage.remove(path)
    # Without it nobody would know any more that what is left is the rest of an ended session.
    storage.remove(last)
    if storage.is_local:
        # A folder that is not empty holds what another program put there.
        with suppress(OSError):
            Path(storage.path(f"{FOLDER}/{session}")).rmdir()


def delete_streamed(storage: Storage, session: str) -> None:
    """Deletes what a session heard from the tables.

    Raises:
        StorageError: a file could not be read, written or deleted.
    """
    # The turns last: they say how old it is, for the next call to go on after a kill.
    drop_sources(storage, STREAMED_WORDS, {session})
    drop_sources(storage, STREAMED_TURNS, {session})


def delete_report(storage: Storage, path: str) -> None:
    """Deletes the page of a run.

    Raises:
        StorageError: it could not be deleted.
    """
    storage.remove(path)


def _is_past(moment: datetime | None, days: int, now: datetime) -> bool:
    return moment is not None and now - moment > timedelta(days=days)


def _tabled(storage: Storage) -> Iterator[JobKey]:
    rows = read_arrow(storage, RECORDINGS, ("recording_id", "options_hash"))
    pairs = zip(*(column.to_pylist() for column in rows.columns), strict=True)
    return (JobKey(recording_id, options_hash) for recording_id, options_hash in pairs)


def _ended_before(storage: Storage, days: int, now: datetime) -> Iterator[str]:
    for name in _sessions_with(storage, STATE_FILE):
        state = _state(storage, session_file(name, STATE_FILE))
        if state.get("state") in _ENDED and _is_past(_ended_at(state), days, now):
            yield name


def _sessions_with(storage: Storage, file: str) -> Iterable[str]:
    paths = (PurePosixPath(path) for path in storage.list(FOLDER, f"/{file}"))
    return (path.parent.name for path in paths if path.parent.parent.name == FOLDER)


def _state(storage: Storage, path: str) -> dict[str, Any]:
    try:
        state = json.loads(storage.read(path))
    except (NotStoredError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _ended_at(state: dict[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(state["ended_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
