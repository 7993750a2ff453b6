"""Which call somebody means by a path, an address, an id or a name."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from fermata.assemblyai.options import LOCAL_ENGINE
from fermata.errors import UsageError
from fermata.forgetting.tombstones import (
    AtService,
    CallKind,
    Left,
    Tombstone,
    keys,
    read_tombstone,
    session_key,
)
from fermata.ledger import Job, Ledger
from fermata.recordings import GroupBy, Recording, identify, list_recordings
from fermata.runs.recovery import restore_all
from fermata.sessions.kept import SessionState
from fermata.sessions.places import FOLDER, STATE_FILE, is_dead, read_state, working_storage
from fermata.storage import Storage
from fermata.tables import STREAMED_TURNS, STREAMED_WORDS, read_arrow
from fermata.tables.rewriting import sources_in

GLADIA = "gladia"
"""The provider of sessions that its service keeps."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Session:
    """What is known of a live session.

    Attributes:
        name: its name.
        state: `session.json`; empty where its folder is gone.
        service_ids: the service's names for it.
        provider: who listened.
    """

    name: str
    state: dict[str, Any]
    service_ids: tuple[str, ...]
    provider: str

    @property
    def source_uri(self) -> str | None:
        return self.state.get("source_uri")


def find_calls(text: str, storage: Storage, ledger: Ledger) -> tuple[Tombstone, ...]:
    """Finds one call: a recording with the sessions that streamed it, or a session.

    Nothing is written but what the ledger had lost.

    Args:
        text: a recording's path, address, name, id or the beginning of its id; the id of its
            transcript; a session's name, or the service's id of it.
        storage: the data folder.
        ledger: knows the recordings.

    Returns:
        A tombstone for each part, as it is to be written, or as it stands where the call was
        forgotten before.

    Raises:
        UsageError: nothing is known by that name, several calls are, or one is still going on.
        StorageError: the data folder could not be read.
    """
    restore_all(storage, ledger)
    content = _content(text)
    jobs = _jobs(text, content, ledger)
    sessions = tuple(_sessions(storage))
    meant = _sessions_meant(text, sessions, {job.uri for job in jobs})
    _check_one(text, jobs, meant)
    for session in meant:
        _check_over(storage, session)
    # The file may be found under another name, as one of several with the same content.
    also = (content.name, content.uri) if content else ()
    found = (
        *(of_recording(of_id, also) for of_id in _by_recording(jobs).values()),
        *map(_of_session, meant),
    )
    if not found:
        return (_forgotten_before(text, content, storage) or _unknown(text, ledger),)
    # What an earlier try has not finished counts as well: it may know of more than is left.
    return tuple(_with_what_was_left(each, storage) for each in found)


def alike(storage: Storage, calls: Iterable[Tombstone]) -> tuple[str, ...]:
    """The sessions that may have streamed the same recording, which nobody can tell any more.

    Sessions from before their source's address was kept name the file alone.
    """
    files = {
        PurePosixPath(call.left.name).name
        for call in calls
        if call.left and call.kind is CallKind.RECORDING
    }
    rows = read_arrow(storage, STREAMED_TURNS, ("session", "source")).to_pylist() if files else []
    named = {row["session"] for row in rows if row["source"] in files}
    named |= {
        each.name
        for each in (_sessions(storage) if files else ())
        if each.source_uri is None and each.state.get("source") in files
    }
    return tuple(sorted(named - {call.left.name for call in calls if call.left}))


def _content(text: str) -> Recording | None:
    """The recording that stands at a path or an address now, if there is one."""
    try:
        listing = list_recordings([text], GroupBy.NONE)
    except UsageError:
        return None
    if len(listing.candidates) > 1:
        raise UsageError(f"{text}: {len(listing.candidates):,} recordings; name one of them")
    found = identify(listing.candidates[0]) if listing.candidates else None
    return found if isinstance(found, Recording) else None


def _jobs(text: str, content: Recording | None, ledger: Ledger) -> tuple[Job, ...]:
    """The jobs that are meant: by content where the file is there, else by what they are called."""
    if content and (jobs := ledger.forgotten.jobs_of(content.recording_id)):
        return jobs
    called = ledger.forgotten.called
    return called(content.uri if content else text) or called(os.path.realpath(text))


def _sessions(storage: Storage) -> Iterator[_Session]:
    """All sessions that have a folder, here or in the spool, or rows."""
    rows = read_arrow(storage, STREAMED_TURNS, ("session", "session_id", "provider"))
    heard: dict[str, set[str]] = {}
    providers: dict[str, str] = {}
    for row in rows.to_pylist():
        heard.setdefault(row["session"], set()).add(row["session_id"])
        providers[row["session"]] = row["provider"]
    states = {
        name: read_state(place, name) or {}
        for place in (working_storage(storage, None), storage)
        for name in _folders(place)
    }
    names = {*heard, *states, *sources_in(storage, STREAMED_WORDS)}
    for name in sorted(names | sources_in(storage, STREAMED_TURNS)):
        state = states.get(name, {})
        ids = {*heard.get(name, ()), *state.get("session_ids", ())}
        provider = str(state.get("provider") or providers.get(name, ""))
        yield _Session(name, state, tuple(sorted(ids)), provider)


def _folders(place: Storage) -> set[str]:
    paths = (PurePosixPath(path) for path in place.list(FOLDER, f"/{STATE_FILE}"))
    return {path.parent.name for path in paths if path.parent.parent.name == FOLDER}


def _sessions_meant(
    text: str, sessions: Iterable[_Session], uris: set[str]
) -> tuple[_Session, ...]:
    return tuple(
        each
        for each in sessions
        if text == each.name
        or text in each.service_ids
        or (each.source_uri and each.source_uri in {text, *uris})
    )


def _by_recording(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    found: dict[str, list[Job]] = {}
    for job in jobs:
        found.setdefault(job.key.recording_id, []).append(job)
    return found


def _check_one(text: str, jobs: tuple[Job, ...], sessions: tuple[_Session, ...]) -> None:
    """Makes sure that one call is meant."""
    recordings = _by_recording(jobs)
    others = [each for each in sessions if each.source_uri not in {job.uri for job in jobs}]
    of_one_source = len({each.source_uri or each.name for each in others}) <= 1
    if len(recordings) + bool(others) <= 1 and of_one_source:
        return
    named = [f"{ids[:12]} ({found[0].name} at {found[0].uri})" for ids, found in recordings.items()]
    named += [f"{each.name} (a live session)" for each in others]
    more = f" and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
    raise UsageError(
        f"{text} may mean {len(named):,} calls: name one by its id: "
        f"{', '.join(named[:_SHOWN])}{more}"
    )


def _check_over(storage: Storage, session: _Session) -> None:
    """Makes sure that a session is not being streamed."""
    if session.state.get("state") != SessionState.RUNNING:
        return
    working = working_storage(storage, None)
    if session.name in _folders(working) and not is_dead(working, session.name):
        raise UsageError(f"the session {session.name} is being streamed: end it first")


def of_recording(jobs: Sequence[Job], also: Iterable[str] = ()) -> Tombstone:
    """The tombstone of a recording, with what must go.

    Args:
        jobs: all of it.
        also: other names and addresses of it.
    """
    first = jobs[0]
    at_services = tuple(
        AtService(provider=job.engine, service=job.service, id=job.transcript_id)
        for job in jobs
        if job.transcript_id and job.engine != LOCAL_ENGINE
    )
    ids = (job.transcript_id for job in jobs if job.transcript_id)
    names = (each for job in jobs for each in (job.name, job.uri) if each)
    traces = tuple(dict.fromkeys((*names, *also, first.key.recording_id, *ids)))
    left = Left(name=first.name, traces=traces, at_services=at_services)
    return _tombstone(CallKind.RECORDING, first.key.recording_id, left)


def _of_session(session: _Session) -> Tombstone:
    run_id = session.state.get("run_id")
    left = Left(
        name=session.name,
        traces=(session.name, *session.service_ids),
        run_ids=(run_id,) if run_id else (),
        at_services=tuple(
            AtService(provider=GLADIA, service=None, id=each)
            for each in session.service_ids
            # AssemblyAI has no request that deletes a streaming session.
            if session.provider == GLADIA
        ),
    )
    return _tombstone(CallKind.SESSION, session_key(session.name), left)


def _tombstone(kind: CallKind, key: str, left: Left) -> Tombstone:
    return Tombstone(kind=kind, key=key, forgotten_at=datetime.now(UTC), left=left)


def _with_what_was_left(call: Tombstone, storage: Storage) -> Tombstone:
    before = read_tombstone(storage, call.key)
    if before is None or before.left is None or call.left is None:
        return call
    return before.model_copy(update={"left": call.left.joined(before.left)})


def _forgotten_before(text: str, content: Recording | None, storage: Storage) -> Tombstone | None:
    """The tombstone that stands already of what is meant."""
    candidates = (text, session_key(text), content.recording_id if content else "")
    standing = frozenset(keys(storage))
    return next((read_tombstone(storage, key) for key in candidates if key in standing), None)


def _unknown(text: str, ledger: Ledger) -> Tombstone:
    group = [job for job in ledger.completed() if job.group == text]
    if group:
        ids = {job.key.recording_id for job in group}
        raise UsageError(
            f"{text} is a group of {len(ids):,} recordings: a call is forgotten at a time; name "
            "one of them by its path, name or id"
        )
    raise UsageError(
        f"no call is known as {text}: give a recording's path, address, name or id, a "
        "transcript's id or a session's name; one that was forgotten is known by its id alone"
    )
