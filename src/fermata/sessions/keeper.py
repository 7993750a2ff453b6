"""Keeps a live session while it runs, so that a process killed at any moment loses nothing."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fermata.errors import FermataError, UsageError
from fermata.live.events import Began, LiveEvent, LlmAnswer
from fermata.live.observers import Observer
from fermata.live.report import SessionReport
from fermata.live.sources import Losses
from fermata.live.turns import HeardTurn
from fermata.private_files import open_private
from fermata.quoting import quoted
from fermata.sessions.cleaning import Cleaner
from fermata.sessions.completion import complete
from fermata.sessions.figures import figures
from fermata.sessions.heartbeat import Heartbeat
from fermata.sessions.kept import KeptSession, SessionState, started_object
from fermata.sessions.lines import (
    JsonObject,
    LineWriter,
    end_object,
    event_object,
    session_object,
    turn_object,
)
from fermata.sessions.places import (
    AUDIO_FILE,
    FOLDER,
    LINES_FILE,
    STATE_FILE,
    create_folder,
    local_path,
    session_file,
    touch,
    working_storage,
    write_state,
)
from fermata.sessions.plan import SessionPlan, checked_session_name, new_session_name
from fermata.storage import Storage, StorageError
from fermata.tables import STREAMED_TURNS, STREAMED_WORDS

if TYPE_CHECKING:
    from io import FileIO

_log = logging.getLogger(__name__)


class SessionKeeper(Observer):
    """Writes down a live session as it goes, and its tables at the end.

    Use it as a context manager around everything that may open a connection: entering writes
    `session.json`, leaving writes what only the end tells (see `docs/sessions.md`). A disk
    that fails meanwhile ends the writing and not the session.

    Args:
        storage: The data folder.
        plan: What is about to be streamed.
        session: The session's name; by default a new one, see `new_session_name`.
        spool: The folder for files being written where the data folder is not on this
            machine's disk; by default one in the system's temporary folder.

    Raises:
        UsageError: The name can't be used.

    Attributes:
        session: The session's name.
        audio_path: Where the recording belongs (`WavRecorder`), on this machine's disk.
    """

    def __init__(
        self,
        storage: Storage,
        plan: SessionPlan,
        session: str | None = None,
        *,
        spool: Path | None = None,
    ) -> None:
        self.session = checked_session_name(session) if session else new_session_name()
        self._storage = storage
        self._working = working_storage(storage, spool)
        self.audio_path = local_path(self._working, self.session, AUDIO_FILE)
        self._cleaner = Cleaner()
        self._plan = SessionPlan.from_json(self._cleaner.clean(plan.as_json()))
        self._writer = LineWriter(self._cleaner)
        self._heartbeat = Heartbeat(lambda: touch(self._working, self.session))
        self._lines: FileIO | None = None
        self._session_ids: list[str] = []
        self._answers: dict[tuple[int, int], str] = {}
        self._report: SessionReport | None = None
        self._keeping_error: str | None = None
        self._had_audio = False
        self._started_at = datetime.now(UTC)

    def __enter__(self) -> Self:
        """Writes `session.json` and begins to keep.

        Raises:
            UsageError: There is a session of this name.
            StorageError: The data folder can't be written.
        """
        self._started_at = datetime.now(UTC)
        self._take_folder()
        self._write_state()
        path = local_path(self._working, self.session, LINES_FILE)
        try:
            self._lines = open_private(path, "ab")
        except OSError as error:
            raise StorageError(f"{path} can't be written: {error.strerror}") from error
        self._write(session_object(self.session))
        self._heartbeat.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Completes the session.

        Raises:
            StorageError: Something could not be written, and no other error is on its way.
                What was written so far is kept, and a recovery does the rest.
        """
        self._close_lines()
        # What is delivered is no longer on this machine's disk.
        self._had_audio = self._has_audio
        try:
            complete(self._kept(error), self._cleaner, self._working, self._storage)
        except FermataError as failure:
            if error is None:
                raise
            _log.error("session %s is not complete yet: %s", self.session, failure)
        finally:
            self._heartbeat.stop()

    @property
    def answers(self) -> Mapping[tuple[int, int], str]:
        """What a language model answered, by channel and order of the turn."""
        return self._answers

    @property
    def written(self) -> Mapping[str, str]:
        """What is written where, for people: a label and an address each."""
        uri = self._storage.uri
        written = {
            "session": uri(f"{FOLDER}/{self.session}"),
            "turns": uri(f"{STREAMED_TURNS.name}/{self.session}.parquet"),
            "words": uri(f"{STREAMED_WORDS.name}/{self.session}.parquet"),
        }
        if self._has_audio or self._had_audio:
            written["recording"] = uri(session_file(self.session, AUDIO_FILE))
        return written

    def on_event(self, channel: int, event: LiveEvent) -> None:
        """Writes a line; the name of a new session also goes into `session.json`."""
        if isinstance(event, Began):
            self._note_session(event.session_id)
        if isinstance(event, LlmAnswer):
            self._answers[channel, event.turn_order] = event.text
        line = event_object(channel, event)
        if line is not None:
            self._write(line)

    def on_turn(self, turn: HeardTurn) -> None:
        """Writes a line with the whole turn as it stands."""
        self._write(turn_object(turn))

    def on_end(self, report: SessionReport) -> None:
        """Writes the last line."""
        self._report = report
        self._write(end_object(self.session, figures(report)))

    def _take_folder(self) -> None:
        taken = f"there is a session {self.session} already: choose another name"
        # Asking also tells, before anything is billed, whether the data folder can be reached.
        if self._storage.exists(session_file(self.session, STATE_FILE)):
            raise UsageError(taken)
        try:
            create_folder(self._working, self.session)
        except FileExistsError:
            raise UsageError(taken) from None

    def _note_session(self, session_id: str) -> None:
        if session_id in self._session_ids:
            # The connection is new; the session was taken up again.
            return
        self._session_ids.append(session_id)
        try:
            self._write_state()
        except StorageError as error:
            self._give_up_keeping(error)

    def _write_state(self) -> None:
        state = started_object(self.session, self._plan, self._started_at, self._session_ids)
        write_state(self._working, self.session, state)

    def _write(self, thing: JsonObject) -> None:
        """Appends a line in one system call, so that a kill can tear no line but the last."""
        if self._lines is None:
            return
        try:
            rest = memoryview(self._writer.line(thing).encode())
            while rest:
                rest = rest[self._lines.write(rest) :]
        except OSError as error:
            self._give_up_keeping(error)

    def _give_up_keeping(self, error: OSError | StorageError) -> None:
        _log.error("turns are no longer written down, the session goes on: %s", error)
        self._keeping_error = str(error)
        self._close_lines()

    def _close_lines(self) -> None:
        if self._lines is not None:
            self._lines.close()
            self._lines = None

    @property
    def _has_audio(self) -> bool:
        return self.audio_path.exists()

    def _kept(self, error: BaseException | None) -> KeptSession:
        report = self._report or self._nothing_streamed()
        reason = _reason(error) or report.error
        if self._report is None and reason is None:
            reason = "it ended before anything was streamed"
        return KeptSession(
            session=self.session,
            plan=self._plan,
            state=_state(reason, report),
            started_at=self._started_at,
            ended_at=datetime.now(UTC),
            report=report,
            answers=self._answers,
            error=reason,
            keeping_error=self._keeping_error,
            has_audio=self._has_audio,
        )

    def _nothing_streamed(self) -> SessionReport:
        return SessionReport(
            provider=self._plan.provider,
            source=self._plan.source,
            sample_rate_hz=self._plan.sample_rate_hz,
            captured_s=0.0,
            losses=Losses(),
            channels=(),
            source_error=None,
            recording_error=None,
            interrupted=True,
        )


def _state(reason: str | None, report: SessionReport) -> SessionState:
    if reason:
        return SessionState.FAILED
    return SessionState.UNCONFIRMED if report.unconfirmed else SessionState.ENDED


def _reason(error: BaseException | None) -> str | None:
    """Why a session failed, in one line; an interruption is no failure."""
    if not isinstance(error, Exception):
        return None
    if isinstance(error, FermataError):
        return " ".join(str(error).split())
    return f"{type(error).__name__}: {quoted(str(error))}"
