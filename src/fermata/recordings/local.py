"""Finds recordings on this machine: one folder walk, no file opened, links followed once."""

import heapq
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fermata.drivers import local_path
from fermata.errors import UsageError
from fermata.recordings.findings import Findings, extension_of, is_audio_name, is_hidden
from fermata.recordings.models import GroupBy

_logger = logging.getLogger(__name__)

_IS_LOOP = "a symbolic link that leads back to where it came from; remove it"
_IS_DANGLING = "a symbolic link that leads nowhere; mend or remove it"


def find_local(source: str, group_by: GroupBy) -> Findings:
    """Lists a folder and all below it, or a single file.

    Hidden files and folders are passed over, unless given themselves. A folder that is reached
    twice, by its own name and by links, is listed once.

    Raises:
        UsageError: Nothing is there, or it can't be listed.
    """
    path = local_path(source)
    found = Findings(group_by)
    try:
        if path.is_symlink() or path.exists():
            real = os.path.realpath(path)
            if path.is_dir():
                _Walk(found).run(real)
            elif is_audio_name(path.name):
                _take(found, str(path), real, path.name)
            else:
                found.pass_over(real, path.name)
            return found
    except OSError as error:
        raise UsageError(f"{source}: can't be read ({error.strerror})") from error
    raise UsageError(f"{source}: there is no such file or folder; check the path")


def fingerprint_of(status: os.stat_result) -> str:
    """Size and modification time: what changes when somebody writes to the file."""
    return f"{status.st_size}-{status.st_mtime_ns}"


@dataclass(frozen=True, slots=True, order=True)
class _Link:
    """A link to a folder: its name below the source, the folder it stands in, where it leads."""

    name: str
    folder: str
    target: str


@dataclass(slots=True)
class _Walk:
    """One walk: real folders first, then linked ones by name, so that real names win."""

    found: Findings
    seen: set[str] = field(default_factory=set)
    waiting: list[_Link] = field(default_factory=list)
    links: list[_Link] = field(default_factory=list)

    def run(self, root: str) -> None:
        """Walks the source itself, then each folder a link leads to, unless it was seen."""
        os.scandir(root).close()  # an unreadable source is wrong use, not one bad folder
        self._walk(root, "")
        skipped = []
        while self.waiting:
            link = heapq.heappop(self.waiting)
            self.links.append(link)
            if link.target in self.seen or _is_within(link.folder, link.target):
                skipped.append(link)
            else:
                self._walk(link.target, f"{link.name}/")
        for link in skipped:
            if _leads_back(link, self.links):
                self.found.reject(f"{link.folder}/{Path(link.name).name}", link.name, _IS_LOOP)
            else:
                _logger.info("%s: a link to a folder that is listed already", link.name)

    def _walk(self, folder: str, prefix: str) -> None:
        """Walks `folder`, and all real folders in it, without recursion."""
        waiting = [(folder, prefix)]
        while waiting:
            folder, prefix = waiting.pop()
            self.seen.add(folder)
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if not is_hidden(entry.name):
                            waiting.extend(self._visit(entry, folder, prefix))
            except OSError as error:
                reason = f"the folder can't be read ({error.strerror}); check its permissions"
                self.found.reject(folder, prefix.rstrip("/"), reason)

    def _visit(
        self, entry: os.DirEntry[str], folder: str, prefix: str
    ) -> Iterator[tuple[str, str]]:
        """Takes a file, puts a linked folder off, and hands a real folder back."""
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield entry.path, f"{name}/"
        elif entry.is_symlink():
            self._visit_link(entry.path, folder, name)
        elif is_audio_name(entry.name):
            _take(self.found, entry.path, entry.path, name)
        else:
            self.found.pass_over(entry.path, entry.name)

    def _visit_link(self, path: str, folder: str, name: str) -> None:
        """Follows a link to a file, and remembers one to a folder for later."""
        real = os.path.realpath(path)
        if os.path.isdir(real):  # noqa: PTH112 - Path's own raises where access is denied
            heapq.heappush(self.waiting, _Link(name, folder, real))
        elif is_audio_name(name):
            _take(self.found, path, real, name)
        elif not extension_of(name) and not Path(path).exists():
            self.found.reject(path, name, _IS_DANGLING)
        else:
            self.found.pass_over(real, name)


def _leads_back(link: _Link, links: list[_Link]) -> bool:
    """Whether following links from the link's target ends at the folder the link stands in."""
    reached = [link.target]
    for place in reached:
        if _is_within(link.folder, place):
            return True
        reached.extend(
            other.target
            for other in links
            if other.target not in reached and _is_within(other.folder, place)
        )
    return False


def _is_within(folder: str, other: str) -> bool:
    return Path(folder).is_relative_to(other)


def _take(found: Findings, path: str, real: str, name: str) -> None:
    """Takes one file by its real path; what is no ordinary file would block its reader."""
    try:
        status = os.stat(real)  # noqa: PTH116 - a Path for each of 100,000 files takes a second
    except OSError as error:
        is_link = Path(path).is_symlink()
        found.reject(path, name, _IS_DANGLING if is_link else f"can't be read ({error.strerror})")
    else:
        if stat.S_ISREG(status.st_mode):
            found.take(real, name, fingerprint_of(status))
        else:
            found.reject(path, name, "not an ordinary file; remove it from the folder")
