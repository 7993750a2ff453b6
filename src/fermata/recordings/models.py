"""What a recording is, from being listed to being read, and what counts as one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DEFAULT_GROUP = "default"
ALL_GROUPS = "*"

# fmt: off
_LISTED = frozenset({
    ".3ga", ".8svx", ".aac", ".ac3", ".aif", ".aiff", ".alac", ".amr", ".ape", ".au", ".dss",
    ".flac", ".flv", ".m2ts", ".m4a", ".m4b", ".m4p", ".m4r", ".m4v", ".mogg", ".mov", ".mp2",
    ".mp3", ".mp4", ".mpga", ".mts", ".mxf", ".oga", ".ogg", ".opus", ".qcp", ".ts", ".tta",
    ".voc", ".wav", ".webm", ".wma", ".wv",
})
# fmt: on
# A telephone's video and a telephone exchange's audio: not in that list, which says of itself
# that it is not exhaustive.
_OF_TELEPHONES = frozenset({".3gp", ".gsm"})

AUDIO_EXTENSIONS = _LISTED | _OF_TELEPHONES
"""Extensions that make a file a recording, in lower case.

Source: "What audio and video file types are supported by your API?" in AssemblyAI's documentation
(docs/faq), read 2026-11-28.
"""


class GroupBy(StrEnum):
    """What puts recordings into one group."""

    FOLDER = "folder"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recording as listed: nothing of it has been read yet.

    Attributes:
        uri: Absolute path without symbolic links in it, or a URL; may hold a secret, so show
            it only through `without_secrets`.
        name: Path below the source it was found under, with `/`; a file's or a URL's last part
            when it was given itself. Holds no query and no credentials.
        group: First sub-folder of `name`, else `default`.
        fingerprint: Changes when the content does, without reading it: size and modification
            time of a file, size and etag (or time) of an object, a hash of an http(s) URL.
    """

    uri: str
    name: str
    group: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording whose content was read and hashed; an http(s) URL is known by its text only.

    Attributes:
        recording_id: SHA-256 of the content in hex; of the URL's text for an http(s) URL.
        uri: As in `Candidate`.
        name: As in `Candidate`.
        group: As in `Candidate`.
        fingerprint: As it was listed, so that the same listing need not be read again.
        size_bytes: None for an http(s) URL, which is never downloaded.
        duration_s: None for an http(s) URL.
        channels: None for an http(s) URL whose beginning does not tell.
    """

    recording_id: str
    uri: str
    name: str
    group: str
    fingerprint: str
    size_bytes: int | None
    duration_s: float | None
    channels: int | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that looked like a recording, or hid some, and why it can't be used."""

    uri: str
    name: str
    group: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything found under the sources, sorted by name, each file once.

    Attributes:
        candidates: Files that may be recordings.
        rejections: What can't be used, and why.
        links: Further names in a source for files among the candidates.
        passed_over: How many other files there are, by extension; hidden ones do not count.
    """

    candidates: tuple[Candidate, ...]
    rejections: tuple[Rejection, ...]
    links: tuple[Candidate, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
