"""The summary of a session, kept in its `session.json` beside the figures."""

import json
from collections.abc import Mapping
from typing import Any

from fermata.sessions.cleaning import Cleaner
from fermata.sessions.places import STATE_FILE, session_file
from fermata.storage import NotStoredError, Storage, StorageError


def keep_summary(storage: Storage, session: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Adds the summary to what is kept of an ended session.

    Args:
        storage: the data folder.
        session: the session's name.
        summary: what a model made of it, with the model's name.

    Returns:
        The summary as it is kept.

    Raises:
        StorageError: it could not be written, or nothing is kept of the session.
    """
    path = session_file(session, STATE_FILE)
    kept: dict[str, Any] = Cleaner().clean(summary)
    try:
        state = dict(json.loads(storage.read(path)))
    except (NotStoredError, TypeError, ValueError):
        raise StorageError(
            f"{storage.uri(path)} is not there or damaged, so the summary is not kept in it"
        ) from None
    text = json.dumps({**state, "summary": kept}, ensure_ascii=False, indent=2)
    storage.write_atomically(path, text.encode())
    return kept
