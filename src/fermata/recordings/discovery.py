"""Lists the recordings of all sources: the same answer whatever their order and overlap."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from fermata.drivers import is_local
from fermata.errors import UsageError
from fermata.quoting import visible
from fermata.recordings.addresses import is_web, without_secrets
from fermata.recordings.findings import Findings, told_kinds
from fermata.recordings.local import find_local
from fermata.recordings.models import (
    AUDIO_EXTENSIONS,
    DEFAULT_GROUP,
    Candidate,
    GroupBy,
    Listing,
    Rejection,
)
from fermata.recordings.remote import find_remote

_logger = logging.getLogger(__name__)
_Named = TypeVar("_Named", Candidate, Rejection)

_WHAT_COUNTS = "; these extensions count: " + " ".join(
    extension.removeprefix(".") for extension in sorted(AUDIO_EXTENSIONS)
)


def list_recordings(sources: Sequence[str], group_by: GroupBy) -> Listing:
    """Lists every recording below the sources; reads no content and requests no http(s) URL.

    A file that several sources lead to is listed once, under its longest name, which is the one
    that tells most of its group.

    Args:
        sources: Folders (searched to the bottom), files, http(s) URLs, fsspec URLs.
        group_by: What makes a group.

    Raises:
        UsageError: No source, one that does not exist or can't be reached, or none that holds
            a file with an audio extension.
    """
    if not sources or not all(sources):
        raise UsageError("no recordings given; name a folder, a file or an address")
    findings = {source: _find(source, group_by) for source in sorted(set(sources))}
    empty = {source: found for source, found in findings.items() if not _has_something(found)}
    if len(empty) == len(findings):
        raise UsageError("; ".join(_why_nothing(*item) for item in empty.items()) + _WHAT_COUNTS)
    for item in empty.items():
        _logger.warning("%s", _why_nothing(*item))
    candidates = _each_once(each for found in findings.values() for each in found.candidates)
    return Listing(
        candidates=candidates,
        rejections=_each_once(each for found in findings.values() for each in found.rejections),
        links=_links(findings.values(), candidates),
        passed_over=Counter(_others(findings.values()).values()),
    )


def _links(findings: Iterable[Findings], candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The other names under which one source holds a file that is listed."""
    names = {each.uri: each.name for each in candidates}
    doubled = (
        each
        for found in findings
        if len(found.candidates) > len({each.uri for each in found.candidates})
        for each in found.candidates
        if names[each.uri] != each.name
    )
    return tuple(sorted(doubled, key=lambda each: (each.name, each.uri)))


def _find(source: str, group_by: GroupBy) -> Findings:
    if is_web(source):
        return _find_web(source, group_by)
    if is_local(source):
        return find_local(source, group_by)
    return find_remote(source, group_by)


def _find_web(url: str, group_by: GroupBy) -> Findings:
    """Passes a URL on as it is: its name is its last part, without query and credentials."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise UsageError(f"{without_secrets(url)}: the address names no host")
    name = visible(parts.path.rpartition("/")[2] or parts.hostname)
    fingerprint = hashlib.sha256(url.encode()).hexdigest()
    found = Findings(group_by)
    found.candidates.append(Candidate(url, name, DEFAULT_GROUP, fingerprint))
    return found


def _each_once(found: Iterable[_Named]) -> tuple[_Named, ...]:
    """One per address, chosen by its name alone, sorted by name."""
    chosen: dict[str, _Named] = {}
    for each in found:
        other = chosen.setdefault(each.uri, each)
        if _preference(each) < _preference(other):
            chosen[each.uri] = each
    return tuple(sorted(chosen.values(), key=lambda each: (each.name, each.uri)))


def _preference(found: Candidate | Rejection) -> tuple[int, str]:
    return -found.name.count("/"), found.name


def _others(findings: Iterable[Findings]) -> Mapping[str, str]:
    """The kind of each file that is no recording, once, however many sources hold it."""
    return {uri: kind for found in findings for uri, kind in found.others.items()}


def _has_something(found: Findings) -> bool:
    return bool(found.candidates or found.rejections)


def _why_nothing(source: str, found: Findings) -> str:
    """Says what the source holds instead of recordings."""
    if not found.others:
        return f"{without_secrets(source)}: there is no file in it"
    kinds = told_kinds(Counter(found.others.values()))
    return f"{without_secrets(source)}: no audio ({len(found.others):,} of other kinds: {kinds})"
