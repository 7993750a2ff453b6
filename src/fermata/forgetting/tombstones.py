"""Tombstones: what was forgotten, by hash and time alone, and what of it is still to be done.

```
forgotten/<recording_id>.json      of a recording; the hash is that of its content
forgotten/<hash>.json              of a live session; the hash is that of its name
```
"""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from fermata.errors import FermataError
from fermata.ledger import Ledger
from fermata.storage import NotStoredError, Storage
from fermata.validation import first_problem

FOLDER = "forgotten"
"""Where tombstones stand below the data folder."""

_SUFFIX = ".json"


class DamagedTombstoneError(FermataError):
    """A tombstone cannot be read back."""


class CallKind(StrEnum):
    """What a call was to Fermata."""

    RECORDING = "recording"
    SESSION = "session"


class _Part(BaseModel):
    # A newer version may write more than this one knows.
    model_config = ConfigDict(extra="ignore", frozen=True)


class AtService(_Part):
    """What a service keeps of a call.

    Attributes:
        provider: `assemblyai` or `gladia`.
        service: its address; None where nobody knows it any more.
        id: the service's name for it.
    """

    provider: str
    service: str | None
    id: str


class Left(_Part):
    """What must be known of a call until it is gone everywhere, and not a moment longer.

    Attributes:
        name: the recording's or session's name.
        traces: all names, addresses and ids by which records of runs may speak of it.
        run_ids: the runs that were about nothing else.
        at_services: what services still keep of it.
    """

    name: str
    traces: tuple[str, ...]
    run_ids: tuple[str, ...] = ()
    at_services: tuple[AtService, ...] = ()

    def joined(self, other: "Left") -> "Left":
        """The same with what another one knows of the same call; its name is that of this one."""
        return Left(
            name=self.name,
            traces=tuple(dict.fromkeys((*self.traces, *other.traces))),
            run_ids=tuple(dict.fromkeys((*self.run_ids, *other.run_ids))),
            at_services=tuple(dict.fromkeys((*self.at_services, *other.at_services))),
        )


class Tombstone(_Part):
    """A call that was forgotten, or is being forgotten.

    Attributes:
        kind: what it was.
        key: hash of the recording's content, or of the session's name.
        forgotten_at: when it was asked for.
        left: what is not done yet; None once it is gone everywhere.
    """

    kind: CallKind
    key: str
    forgotten_at: AwareDatetime
    left: Left | None = None


def session_key(session: str) -> str:
    """The key of a session's tombstone, which does not tell its name."""
    return hashlib.sha256(f"session {session}".encode()).hexdigest()


def write_tombstone(storage: Storage, tombstone: Tombstone) -> None:
    """Writes a tombstone, over one that may be there.

    Raises:
        StorageError: it could not be written.
    """
    text = tombstone.model_dump_json(indent=2, exclude_none=True) + "\n"
    storage.write_atomically(_path(tombstone.key), text.encode())


def read_tombstone(storage: Storage, key: str) -> Tombstone | None:
    """The tombstone with that key; None where there is none.

    Raises:
        DamagedTombstoneError: it cannot be read.
        StorageError: it could not be looked up.
    """
    try:
        return Tombstone.model_validate_json(storage.read(_path(key)))
    except NotStoredError:
        return None
    except ValidationError as error:
        raise DamagedTombstoneError(
            f"{storage.uri(_path(key))} cannot be read ({first_problem(error)}): "
            "delete it and forget the call again"
        ) from None


def keys(storage: Storage) -> tuple[str, ...]:
    """The keys of all tombstones, sorted; none is read."""
    return tuple(PurePosixPath(path).stem for path in storage.list(FOLDER, _SUFFIX))


def unfinished(storage: Storage) -> tuple[Tombstone, ...]:
    """The calls that are not gone everywhere yet.

    Raises:
        DamagedTombstoneError: a tombstone cannot be read.
        StorageError: the folder cannot be read.
    """
    found = (read_tombstone(storage, key) for key in keys(storage))
    return tuple(each for each in found if each is not None and each.left is not None)


def remember_forgotten(storage: Storage, ledger: Ledger) -> frozenset[str]:
    """The ids of all recordings that must not come back; puts back what one place has lost.

    Args:
        storage: the data folder.
        ledger: has them too.

    Returns:
        Them, and the keys of sessions, which are no recording's id.

    Raises:
        StorageError: a tombstone could not be listed or written.
    """
    noted, standing = ledger.forgotten.ids(), frozenset(keys(storage))
    if lost := standing - noted:
        ledger.forgotten.add(lost)
    for key in sorted(noted - standing):
        now = datetime.now(UTC)
        write_tombstone(storage, Tombstone(kind=CallKind.RECORDING, key=key, forgotten_at=now))
    return noted | standing


def _path(key: str) -> str:
    return f"{FOLDER}/{key}{_SUFFIX}"
