"""The index of files: what was hashed once is not read again while it stays as it was."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import select

from fermata.ledger.database import Database
from fermata.ledger.rows import in_chunks
from fermata.ledger.schema import FILES
from fermata.recordings import Candidate, Recording


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
                for row in connection.execute(select(FILES).where(FILES.c.uri_sha256.in_(hashes))):
                    candidate = by_hash[row.uri_sha256]
                    if candidate.fingerprint == row.fingerprint:
                        known[candidate.uri] = Recording(
                            recording_id=row.recording_id,
                            uri=candidate.uri,
                            name=candidate.name,
                            group=candidate.group,
                            fingerprint=candidate.fingerprint,
                            size_bytes=row.size_bytes,
                            duration_s=row.duration_s,
                            channels=row.channels,
                        )
        return known

    def remember(self, recordings: Iterable[Recording]) -> None:
        """Notes what the files hold; what was noted of the same files before is replaced."""
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
        statement = insert.on_conflict_do_update(index_elements=[FILES.c.uri_sha256], set_=replaced)
        with self._database.writing() as connection:
            connection.execute(statement, rows)


def _hash(uri: str) -> str:
    return hashlib.sha256(uri.encode()).hexdigest()
