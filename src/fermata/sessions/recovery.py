"""Completes sessions whose process died, and delivers those whose upload failed."""

import logging
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from fermata.audio import NotAudioError, probe
from fermata.errors import FermataError
from fermata.sessions.cleaning import Cleaner
from fermata.sessions.completion import complete
from fermata.sessions.kept import KeptSession, SessionState
from fermata.sessions.lines import JsonObject, read_lines
from fermata.sessions.places import (
    AUDIO_FILE,
    FOLDER,
    LINES_FILE,
    STATE_FILE,
    deliver,
    is_dead,
    last_alive_s,
    local_path,
    read_state,
    session_file,
    working_storage,
)
from fermata.sessions.plan import SessionPlan
from fermata.sessions.rebuilding import PROCESS_DIED, answers_in, rebuilt_report, written_at
from fermata.storage import NotStoredError, Storage

_log = logging.getLogger(__name__)


def recover(storage: Storage, *, spool: Path | None = None) -> tuple[str, ...]:
    """Completes every session whose process is gone, and leaves those alone that still run.

    A session's process is gone when it says that it runs, and has not been seen for a minute
    (`places.DEAD_AFTER_S`). Should it run all the same, after its machine slept, its own end
    writes the same files anew. One session that can't be completed does not hold up others.

    Args:
        storage: The data folder.
        spool: As given to `SessionKeeper`. Sessions of another machine's spool can be
            completed on that machine only.

    Returns:
        The names of the sessions completed.

    Raises:
        StorageError: The sessions can't be listed.
    """
    working = working_storage(storage, spool)
    found = (PurePosixPath(path).parent.name for path in working.list(FOLDER, f"/{STATE_FILE}"))
    return tuple(session for session in found if _recovered(session, working, storage))


def _recovered(session: str, working: Storage, storage: Storage) -> bool:
    """Completes a session if there is need, and says whether it did."""
    try:
        state = read_state(working, session)
        if state is None or not is_dead(working, session):
            return False
        if state["state"] == SessionState.RUNNING:
            complete(_rebuilt(state, working), Cleaner(), working, storage)
        elif working is storage:
            return False
        else:
            deliver(working, storage, session)
    except (FermataError, OSError, KeyError, TypeError, ValueError) as error:
        _log.warning("session %s could not be completed: %s", session, error)
        return False
    _log.info("session %s was completed after its process had died", session)
    return True


def _rebuilt(state: dict[str, Any], working: Storage) -> KeptSession:
    session = state["session"]
    plan = SessionPlan.from_json(state)
    lines = _lines(working, session)
    seen = [datetime.fromtimestamp(last_alive_s(working, session), UTC), *map(written_at, lines)]
    audio = local_path(working, session, AUDIO_FILE)
    return KeptSession(
        session=session,
        plan=plan,
        state=SessionState.BROKEN_OFF,
        started_at=datetime.fromisoformat(state["started_at"]),
        ended_at=max(seen),
        report=rebuilt_report(plan, lines, max(seen), _duration_s(audio)),
        answers=answers_in(lines),
        error=PROCESS_DIED,
        keeping_error=None,
        has_audio=audio.exists(),
    )


def _lines(working: Storage, session: str) -> list[JsonObject]:
    try:
        return list(read_lines(working.read(session_file(session, LINES_FILE))))
    except NotStoredError:
        return []


def _duration_s(audio: Path) -> float | None:
    """How long a recording is; None where there is none, or not one sample in it."""
    try:
        return probe(audio).duration_s
    except (OSError, NotAudioError):
        return None
