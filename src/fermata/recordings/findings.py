"""What one source gives, and the rules every found file goes through: kind, name, group."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

from fermata.quoting import visible
from fermata.recordings.models import (
    ALL_GROUPS,
    AUDIO_EXTENSIONS,
    DEFAULT_GROUP,
    Candidate,
    GroupBy,
    Rejection,
)

_GROUP_NAMED_LIKE_ALL = "(*)"
_NO_EXTENSION = "no extension"
_KINDS_SHOWN = 8


@dataclass(slots=True)
class Findings:
    """Collects the recordings of one source, what was wrong, and what was passed over.

    Attributes:
        group_by: What makes a group.
        candidates: What may be a recording.
        rejections: What can't be used.
        others: The kind of each file that is no recording, by its address.
    """

    group_by: GroupBy
    candidates: list[Candidate] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)

    def take(self, uri: str, name: str, fingerprint: str) -> None:
        """Takes a file with an audio extension."""
        if not _is_text(uri + name):
            self.reject(uri, name, "its name is not valid UTF-8; rename it")
        else:
            name = visible(name)
            self.candidates.append(Candidate(uri, name, group_of(name, self.group_by), fingerprint))

    def reject(self, uri: str, name: str, reason: str) -> None:
        """Notes what can't be used, with a name that can be printed and stored."""
        uri, name = visible(_as_text(uri)), visible(_as_text(name))
        self.rejections.append(Rejection(uri, name, group_of(name, self.group_by), reason))

    def pass_over(self, uri: str, name: str) -> None:
        """Notes a file that is no recording."""
        self.others[uri] = visible(_as_text(extension_of(name))) or _NO_EXTENSION


def told_kinds(passed_over: Mapping[str, int]) -> str:
    """The kinds of files that are no recordings with their numbers, the most frequent first.

    >>> told_kinds({".txt": 1, ".pdf": 1_200, "no extension": 1})
    '1,200 .pdf, 1 .txt, 1 no extension'
    """
    kinds = sorted(passed_over.items(), key=lambda kind: (-kind[1], kind[0]))
    told = [f"{count:,} {kind}" for kind, count in kinds[:_KINDS_SHOWN]]
    if rest := kinds[_KINDS_SHOWN:]:
        told.append(f"{sum(count for _, count in rest):,} of {len(rest):,} other kinds")
    return ", ".join(told)


def extension_of(name: str) -> str:
    """The extension in lower case with its dot; empty without one."""
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    return f".{extension.lower()}" if dot and stem else ""


def is_audio_name(name: str) -> bool:
    """Whether the extension makes the file a recording, in upper or lower case."""
    return extension_of(name) in AUDIO_EXTENSIONS


def is_hidden(name: str) -> bool:
    """Whether it starts with a dot, as macOS's `._` companions and half-copied files do."""
    return name.startswith(".")


def group_of(name: str, group_by: GroupBy) -> str:
    """The group of a recording by its path below the source.

    `*` stands for all groups together, so a folder of that name becomes `(*)`.
    """
    return DEFAULT_GROUP if group_by is GroupBy.NONE else _group_in(name.rpartition("/")[0])


# Many recordings lie in one folder.
@lru_cache
def _group_in(folder: str) -> str:
    folders = PurePosixPath(folder).parts
    if not folders or folder.startswith("/"):
        return DEFAULT_GROUP
    # macOS hands out decomposed letters: the same folder must give the same group everywhere.
    group = unicodedata.normalize("NFC", folders[0]).strip() or DEFAULT_GROUP
    return _GROUP_NAMED_LIKE_ALL if group == ALL_GROUPS else group


def _is_text(name: str) -> bool:
    return _as_text(name) == name


def _as_text(name: str) -> str:
    """The name with whatever isn't valid Unicode made visible."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
