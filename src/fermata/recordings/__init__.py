"""Recordings: found in folders, at addresses and in remote storage, and known by content.

`list_recordings` finds them without reading, `identify` reads and hashes one, `open_content`
opens one for upload. What can't be used is a `Rejection` with its reason, never an exception.
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.recordings.addresses import is_web, open_content, without_secrets
    from fermata.recordings.discovery import list_recordings
    from fermata.recordings.findings import told_kinds
    from fermata.recordings.identity import identify
    from fermata.recordings.models import (
        ALL_GROUPS,
        AUDIO_EXTENSIONS,
        DEFAULT_GROUP,
        Candidate,
        GroupBy,
        Listing,
        Recording,
        Rejection,
    )
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "ALL_GROUPS",
    "AUDIO_EXTENSIONS",
    "DEFAULT_GROUP",
    "Candidate",
    "GroupBy",
    "Listing",
    "Recording",
    "Rejection",
    "identify",
    "is_web",
    "list_recordings",
    "open_content",
    "told_kinds",
    "without_secrets",
]
