"""Finds recordings in remote storage with one listing call, whatever fsspec can reach."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from fermata.drivers import is_reached_by_path
from fermata.errors import UsageError
from fermata.recordings.addresses import described, filesystem_of, without_secrets
from fermata.recordings.findings import Findings, is_audio_name, is_hidden
from fermata.recordings.models import GroupBy

_MARKS_OF_A_VERSION = (
    "ETag",
    "etag",
    "md5",
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "modify",
    "modified",
    "created",
)

Facts = dict[str, Any]


def find_remote(source: str, group_by: GroupBy) -> Findings:
    """Lists everything below an fsspec URL, or the one object it names.

    Raises:
        UsageError: Nothing is there, the scheme has no driver, or the storage refuses.
    """
    place = _Place(source, *filesystem_of(source))
    try:
        files = place.files()
    except FileNotFoundError as error:
        raise UsageError(
            f"{without_secrets(source)}: there is no such file or folder; check the address"
        ) from error
    except Exception as error:  # each driver has errors of its own, without a common base
        raise UsageError(
            f"{without_secrets(source)}: can't be listed ({described(error, source)}); check the "
            "address and the access to it"
        ) from error
    found = Findings(group_by)
    for path, facts in files.items():
        _sort_in(found, place, path, facts)
    return found


def fingerprint_of(facts: Facts) -> str:
    """Size and whatever the storage has that changes with the content."""
    version = next((facts[mark] for mark in _MARKS_OF_A_VERSION if facts.get(mark)), "")
    return f"{facts.get('size')}-{version}"


@dataclass(frozen=True, slots=True)
class _Place:
    """A source in remote storage, and how to name and address what lies in it."""

    source: str
    filesystem: Any
    root: str

    def files(self) -> dict[str, Facts]:
        """Every object at or below the root with its facts, as it is now: drivers cache."""
        self.filesystem.invalidate_cache()
        files: dict[str, Facts] = self.filesystem.find(self.root, detail=True)
        if not files and not self.filesystem.exists(self.root):
            raise FileNotFoundError(self.root)
        # For a single object, find gives no facts.
        return {self.root: self.filesystem.info(self.root)} if list(files) == [self.root] else files

    def name(self, path: str) -> str:
        """The path below the root; for the root itself its last part."""
        if path == self.root:
            return PurePosixPath(path).name
        return path.removeprefix(self.root.rstrip("/")).removeprefix("/")

    def address(self, path: str) -> str:
        """The URL of a file: one spelling for `memory://a` and `memory:///a/`.

        Where the source's URL also says how to get there (host, user), it is kept.
        """
        if is_reached_by_path(self.filesystem):
            return str(self.filesystem.unstrip_protocol(path))
        if path == self.root:
            return self.source
        return f"{self.source.rstrip('/')}/{self.name(path)}"


def _sort_in(found: Findings, place: _Place, path: str, facts: Facts) -> None:
    """Takes what has an audio extension, past what is hidden below the source."""
    name = place.name(path)
    if path != place.root and any(map(is_hidden, name.split("/"))):
        return
    if is_audio_name(name):
        found.take(place.address(path), name, fingerprint_of(facts))
    else:
        found.pass_over(place.address(path), name)
