"""Files under the data folder, on disk or on any fsspec file system, written atomically."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path, PurePosixPath

from fsspec.implementations.local import LocalFileSystem

from fermata.drivers import open_driver, put_options
from fermata.errors import FermataError, UsageError
from fermata.private_files import make_private_folder, open_private

_TEMPORARY_PREFIX = "."
_TEMPORARY_SUFFIX = ".partial"
# A write takes seconds; what is this old was left behind by a process that died.
_STALE_AFTER_S = 3600.0
_PROBE = ".writable"


class StorageError(FermataError):
    """The data folder could not be read or written."""


class NotStoredError(StorageError):
    """There is no such file in the data folder."""


class Storage:
    """A data folder: relative paths in, bytes in and out.

    Safe to share between threads. Paths are relative to the root, with forward slashes.

    Attributes:
        filesystem: the fsspec file system that holds it.
        is_local: whether it is on a disk of this machine.
    """

    def __init__(self, root: str) -> None:
        """Opens a data folder, which need not exist yet.

        Args:
            root: a local path, or a URL of any scheme that fsspec knows (`s3://…`).

        Raises:
            UsageError: the scheme is unknown, or its driver is not installed.
        """
        try:
            # Others write here too, so a remembered listing would be a stale one.
            self.filesystem, base = open_driver(root, use_listings_cache=False)
        except (ValueError, ImportError) as error:
            raise UsageError(
                f"the data folder {root} cannot be opened ({error}); "
                "name a local folder, or a URL whose fsspec driver is installed"
            ) from None
        self.is_local = isinstance(self.filesystem, LocalFileSystem)
        self._base = base.rstrip("/")
        self._swept: set[Path] = set()
        self._sweeping = threading.Lock()

    def uri(self, relative: str) -> str:
        """Where a file is: an absolute path on disk, or a URL with its scheme."""
        path = self.path(relative)
        return path if self.is_local else str(self.filesystem.unstrip_protocol(path))

    def path(self, relative: str) -> str:
        """The name that `filesystem` knows a file by."""
        parts = PurePosixPath(relative)
        if parts.is_absolute() or ".." in parts.parts:
            raise ValueError(f"not a path below the data folder: {relative}")
        return f"{self._base}/{relative}"

    def check_writable(self) -> None:
        """Makes sure that files can be put here, before anything is billed that belongs here.

        Raises:
            UsageError: there is no such bucket, or this process may not write to it.
        """
        try:
            self.write_atomically(_PROBE, b"")
        except StorageError as error:
            raise UsageError(str(error)) from None
        # Whoever may write need not be allowed to delete.
        with suppress(StorageError):
            self.remove(_PROBE)

    def write_atomically(self, relative: str, data: bytes) -> None:
        """Puts a file in place, whole or not at all, over one that may be there.

        On disk: a hidden temporary file beside it, its owner's alone, flushed to the device, then
        renamed. On an object store: one put, which is atomic there.

        Raises:
            StorageError: it could not be written; what was there before still is.
        """
        path = self.path(relative)
        with self._explained("written", relative):
            if self.is_local:
                self._replace_on_disk(Path(path), data)
            else:
                self._put(path, data)

    def read(self, relative: str) -> bytes:
        """The bytes of a file.

        Raises:
            NotStoredError: there is none.
            StorageError: it could not be read.
        """
        path = self.path(relative)
        with self._explained("read", relative):
            return bytes(self.filesystem.cat_file(path))

    def exists(self, relative: str) -> bool:
        """Whether there is such a file.

        Raises:
            StorageError: it could not be looked up.
        """
        path = self.path(relative)
        try:
            with self._explained("looked up", relative):
                # Not `isfile`, to which a storage that cannot be reached holds nothing.
                return bool(self.filesystem.info(path)["type"] == "file")
        except NotStoredError:
            return False

    def modified_at(self, relative: str) -> datetime:
        """When a file was written, in UTC.

        Raises:
            NotStoredError: there is none.
            StorageError: it could not be looked up.
        """
        with self._explained("looked up", relative):
            moment: datetime = self.filesystem.modified(self.path(relative))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def list(self, prefix: str, suffix: str = "") -> tuple[str, ...]:
        """The files below a folder whose names end in `suffix`, sorted.

        Temporary files are left out. A folder that is not there holds nothing.
        """
        folder = self.path(prefix)
        with self._explained("listed", prefix):
            found = self.filesystem.find(folder)
        below_root = (str(path)[len(self._base) + 1 :] for path in found)
        return tuple(sorted(path for path in below_root if _is_listed(path, suffix)))

    def remove(self, relative: str) -> None:
        """Deletes a file; one that is not there is as good as deleted.

        Raises:
            StorageError: it is there and could not be deleted.
        """
        path = self.path(relative)
        try:
            with self._explained("deleted", relative):
                self.filesystem.rm_file(path)
        except NotStoredError:
            return

    def _put(self, path: str, data: bytes) -> None:
        try:
            self.filesystem.pipe_file(path, data, **put_options(self.filesystem, len(data)))
        except FileNotFoundError:
            # Folders need not exist in a store of objects: what is missing is what holds them.
            raise OSError(None, "there is no such bucket") from None
        except TimeoutError:
            raise OSError(None, "no answer came for too long") from None

    def _replace_on_disk(self, target: Path, data: bytes) -> None:
        make_private_folder(target.parent)
        self._sweep_once(target.parent)
        temporary = target.with_name(f"{_TEMPORARY_PREFIX}{uuid.uuid4().hex}{_TEMPORARY_SUFFIX}")
        try:
            with BufferedWriter(open_private(temporary, "xb")) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _sweep_once(self, folder: Path) -> None:
        with self._sweeping:
            if folder in self._swept:
                return
            self._swept.add(folder)
        for leftover in folder.glob(f"{_TEMPORARY_PREFIX}*{_TEMPORARY_SUFFIX}"):
            _remove_if_stale(leftover)

    @contextmanager
    def _explained(self, verb: str, relative: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise NotStoredError(f"{self.uri(relative)} is not there") from None
        except Exception as error:  # each driver of a store has error classes of its own
            text = getattr(error, "strerror", None) or str(error) or type(error).__name__
            reason = text.replace("\n", " ")
            raise StorageError(
                f"{self.uri(relative)} could not be {verb} ({reason}); "
                "check the data folder's permissions, free space and credentials"
            ) from error


def _is_listed(path: str, suffix: str) -> bool:
    return path.endswith(suffix) and not PurePosixPath(path).name.startswith(_TEMPORARY_PREFIX)


def _remove_if_stale(leftover: Path) -> None:
    try:
        if time.time() - leftover.stat().st_mtime > _STALE_AFTER_S:
            leftover.unlink()
    except FileNotFoundError:
        # Its writer finished, or another process swept first.
        return
