"""Where recordings come from, so that the same is recognised from run to run."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from fermata.drivers import is_local, local_path
from fermata.recordings.addresses import is_web, without_secrets
from fermata.recordings.models import AUDIO_EXTENSIONS

_NAMED_IN_FULL = 3
_NAME_LETTERS = 200
_SLASHES_OF_A_HOST = 2


def normalised(sources: Iterable[str]) -> tuple[str, ...]:
    """The folders and addresses that some sources lead to, without secrets.

    Each stands once, a file for its folder, and none that lies below another.
    """
    found = {_folder(source) for source in sources}
    return tuple(
        sorted(
            each
            for each in found
            if not any(other != each and is_below(each, other) for other in found)
        )
    )


def _folder(source: str) -> str:
    """A folder as it is, a file's folder for a file; absolute, without secrets."""
    if is_local(source):
        path = Path(local_path(source)).resolve()
        return str(path.parent if path.is_file() else path)
    shown = without_secrets(source).rstrip("/")
    is_file = is_web(source) or PurePosixPath(shown).suffix.lower() in AUDIO_EXTENSIONS
    return shown.rpartition("/")[0] if is_file and shown.count("/") > _SLASHES_OF_A_HOST else shown


def is_below(uri: str, source: str) -> bool:
    """Whether a recording lies in a folder or at an address, or is it."""
    return uri == source or uri.startswith(source.rstrip("/") + "/")


def in_words(sources: Sequence[str]) -> str:
    """Some sources as one name; where they are many, the first, and a mark of the others."""
    text = " + ".join(sources)
    if len(sources) <= _NAMED_IN_FULL and len(text) <= _NAME_LETTERS:
        return text
    return f"{sources[0][:_NAME_LETTERS]} and {len(sources) - 1} more ({digest(text)})"


def digest(text: str) -> str:
    """Eight letters that no two texts are likely to share."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
