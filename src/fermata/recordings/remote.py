"""Finds recordings in remote storage with one listing call, whatever fsspec can reach."""

from pathlib import PurePosixPath
from typing import Any

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


def find_remote(source: str, group_by: GroupBy) -> Findings:
    """Lists everything below an fsspec URL, or the one object it names.

    Raises:
        UsageError: Nothing is there, the scheme has no driver, or the storage refuses.
    """
    filesystem, root = filesystem_of(source)
    try:
        files = _listed(filesystem, root)
    except FileNotFoundError as error:
        raise UsageError(
            f"{without_secrets(source)}: there is no such file or folder; check the address"
        ) from error
    except Exception as error:  # each driver has errors of its own, without a common base
        raise UsageError(
            f"{without_secrets(source)}: can't be listed ({described(error, source)}); check the "
            "address and the access to it"
        ) from error
    return _sorted_out(files, root, _one_spelling(source, filesystem, root), group_by)


def fingerprint_of(facts: dict[str, Any]) -> str:
    """Size and whatever the storage has that changes with the content."""
    version = next((facts[mark] for mark in _MARKS_OF_A_VERSION if facts.get(mark)), "")
    return f"{facts.get('size')}-{version}"


def _listed(filesystem: Any, root: str) -> dict[str, dict[str, Any]]:
    """Every object at or below `root` with its facts, as it is now: drivers cache listings."""
    filesystem.invalidate_cache()
    files: dict[str, dict[str, Any]] = filesystem.find(root, detail=True)
    if not files and not filesystem.exists(root):
        raise FileNotFoundError(root)
    # For a single object, find gives no facts.
    return {root: filesystem.info(root)} if list(files) == [root] else files


def _sorted_out(
    files: dict[str, dict[str, Any]], root: str, source: str, group_by: GroupBy
) -> Findings:
    """Takes the recordings among the files listed below `root`, or the object `root` itself."""
    found = Findings(group_by)
    base = f"{root.rstrip('/')}/" if root else ""
    for path, facts in files.items():
        name = PurePosixPath(path).name if path == root else path.removeprefix(base)
        if path != root and any(map(is_hidden, name.split("/"))):
            continue
        if is_audio_name(name):
            uri = source if path == root else _below(source, name)
            found.take(uri, name, facts.get("size"), fingerprint_of(facts))
        else:
            found.pass_over(name)
    return found


def _one_spelling(source: str, filesystem: Any, root: str) -> str:
    """One address for `memory://a` and `memory:///a/`, where it still leads to the same place."""
    canonical: str = filesystem.unstrip_protocol(root)
    return canonical if filesystem_of(canonical) == (filesystem, root) else source


def _below(source: str, name: str) -> str:
    """The address of a file below the source; in a chain, `zip://a::s3://b`, below its first."""
    head, chain, tail = source.partition("::")
    if "://" not in head:
        head, chain, tail = source, "", ""
    return f"{head}{'' if head.endswith('/') else '/'}{name}{chain}{tail}"
