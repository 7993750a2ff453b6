"""The transcripts as the service sent them, kept for ever, so that none is asked for twice."""

import gzip
import json
import zlib
from typing import Any

from fermata.errors import FermataError
from fermata.storage import Storage

_FOLDER = "transcripts"
_SUFFIX = ".json.gz"


class DamagedArchiveError(FermataError):
    """An archived transcript cannot be read back."""


class TranscriptArchive:
    """Raw transcripts by content and request options, gzipped.

    A transcript stands at `transcripts/<recording_id>.<options_hash>.json.gz`, byte for
    byte as it was received; writing it again changes nothing.
    """

    def __init__(self, storage: Storage) -> None:
        """Opens the archive of a data folder."""
        self._storage = storage

    def write(self, recording_id: str, options_hash: str, raw: bytes) -> None:
        """Keeps the body of an answer.

        Args:
            recording_id: content hash of the recording.
            options_hash: hash of the options it was transcribed with.
            raw: the body of `GET /v2/transcript/{id}` exactly as received, decompressed.

        Raises:
            StorageError: it could not be written.
        """
        # No time in the header: the same transcript makes the same file.
        packed = gzip.compress(raw, mtime=0)
        self._storage.write_atomically(self.path(recording_id, options_hash), packed)

    def exists(self, recording_id: str, options_hash: str) -> bool:
        """Whether the transcript is kept here."""
        return self._storage.exists(self.path(recording_id, options_hash))

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Recording id and options hash of every transcript kept here, sorted."""
        names = (
            path.removeprefix(f"{_FOLDER}/").removesuffix(_SUFFIX)
            for path in self._storage.list(_FOLDER, _SUFFIX)
        )
        return tuple((name.rpartition(".")[0], name.rpartition(".")[2]) for name in names)

    def raw(self, recording_id: str, options_hash: str) -> bytes:
        """The body as it was received.

        Raises:
            NotStoredError: it is not in the archive.
            DamagedArchiveError: the file is cut short or is no gzip file.
            StorageError: it could not be read.
        """
        packed = self._storage.read(self.path(recording_id, options_hash))
        try:
            return gzip.decompress(packed)
        except (OSError, EOFError, zlib.error) as error:
            raise self._damaged(recording_id, options_hash, error) from None

    def read(self, recording_id: str, options_hash: str) -> dict[str, Any]:
        """The transcript, decoded.

        Raises:
            NotStoredError: it is not in the archive.
            DamagedArchiveError: it is not a gzipped JSON object.
            StorageError: it could not be read.
        """
        raw = self.raw(recording_id, options_hash)
        try:
            transcript = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise self._damaged(recording_id, options_hash, error) from None
        if not isinstance(transcript, dict):
            raise self._damaged(recording_id, options_hash, "it holds no JSON object")
        return transcript

    def path(self, recording_id: str, options_hash: str) -> str:
        """Where the transcript stands, below the data folder."""
        return f"{_FOLDER}/{recording_id}.{options_hash}{_SUFFIX}"

    def _damaged(
        self, recording_id: str, options_hash: str, why: Exception | str
    ) -> DamagedArchiveError:
        uri = self._storage.uri(self.path(recording_id, options_hash))
        return DamagedArchiveError(
            f"the archived transcript {uri} is damaged ({why}); "
            "restore the file, or delete it so that the next run over the recording fetches it "
            "again by its id"
        )
