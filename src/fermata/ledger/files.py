"""The index of files: what was hashed once is not read again while it stays as it was."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import select

from fermata.ledger.database import Database
from fermata.ledger.forgotten import without_forgotten
from fermata.ledger.rows import in_chunks
from fermata.ledger.schema import FILES
from fermata.recordings import Candidate, Recording

_LOOKED_UP = (
    FILES.c.uri_sha256,
    FILES.c.fingerprint,
    FILES.c.recording_id,
    FILES.c.size_bytes,
    FILES.c.duration_s,
    FILES.c.channels,
)


class FileIndex:
    """Which recording a listed file holds, as long as its fingerprint stays the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lookup(self, candidates: Iterable[Candidate]) -> dict[str, Recording]:
        """Returns the recordings that need not be read again, by their URI.

        A candidate that is new, or whose fingerprint has changed, is left out.
        """
        by_hash = {_hash(candidate.uri): candidate for candidate in candidates}
        known: dict[str, Recording] = {}
        with self._database.reading() as connection:
            for hashes in in_chunks(by_hash):
                # As tuples: a field by its name takes twice as long.
                for uri_sha256, fingerprint, *held in connection.execute(
                    select(*_LOOKED_UP).where(FILES.c.uri_sha256.in_(hashes))
                ):
                    candidate = by_hash[uri_sha256]
                    if candidate.fingerprint == fingerprint:
                        known[candidate.uri] = _recording(candidate, *held)
        return known

    def remember(self, recordings: Iterable[Recording]) -> None:
        """Notes what the files hold, in place of what was noted of them while they were others.

        What was noted of the same fingerprint stays: of two runs, the first one's word counts.
        """
        rows = [
            {
                "uri_sha256": _hash(recording.uri),
                "fingerprint": recording.fingerprint,
                "recording_id": recording.recording_id,
                "size_bytes": recording.size_bytes,
                "duration_s": recording.duration_s,
                "channels": recording.channels,
            }
            for recording in recordings
        ]
        if not rows:
            return
        insert = self._database.insert(FILES)
        replaced = {
            column.name: insert.excluded[column.name]
            for column in FILES.c
            if not column.primary_key
        }
        statement = insert.on_conflict_do_update(
            index_elements=[FILES.c.uri_sha256],
            set_=replaced,
            where=FILES.c.fingerprint != insert.excluded.fingerprint,
        )
        with self._database.writing() as connection:
            if kept := without_forgotten(connection, rows):
                connection.execute(statement, kept)


def _recording(
    candidate: Candidate,
    recording_id: str,
    size_bytes: int | None,
    duration_s: float | None,
    channels: int | None,
) -> Recording:
    return Recording(
        recording_id,
        candidate.uri,
        candidate.name,
        candidate.group,
        candidate.fingerprint,
        size_bytes,
        duration_s,
        channels,
    )


def _hash(uri: str) -> str:
    return hashlib.sha256(uri.encode()).hexdigest()
