"""Tidying the data folder: first what would be done, then the doing of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from fermata.assemblyai.client import AssemblyAIClient
from fermata.assemblyai.errors import ServiceError
from fermata.assemblyai.options import LOCAL_ENGINE
from fermata.errors import FermataError
from fermata.ledger import Job, Ledger
from fermata.storage import Storage
from fermata.tables import CALIBRATIONS, STREAMED_TURNS, STREAMED_WORDS
from fermata.tables.compaction import Merging, merge, plan_compaction
from fermata.tables.nights import NIGHTS
from fermata.upkeep.retention import (
    Keep,
    delete_audio,
    delete_report,
    delete_session,
    delete_streamed,
    delete_transcript,
    expired_audio,
    expired_reports,
    expired_sessions,
    expired_streamed,
    expired_transcripts,
)

T = TypeVar("T")

GROWING_TABLES = (STREAMED_TURNS, STREAMED_WORDS, CALIBRATIONS, NIGHTS)
"""The tables with one file per session or run."""

DeleteAtService = Callable[[Job], None]
"""Deletes a job's transcript at the service that made it."""


DeleteShown = Callable[[str], None]
"""Deletes a transcript where another program shows it, by that program's name for it."""


class OtherServiceError(FermataError):
    """A transcript is at another service than the one it is to be deleted at."""


@dataclass(frozen=True, slots=True)
class Tidying:
    """What tidying would do.

    Attributes:
        transcripts: jobs whose archived transcripts would be deleted.
        audio: sessions whose audio would be deleted.
        sessions: sessions of which all files would be deleted.
        streamed: sessions whose turns and words would leave the tables.
        reports: pages that would be deleted.
        shown: transcripts shown by a program beside the data folder, by its names for them,
            which would be deleted there.
        mergings: small files that would be merged.
        problems: what could not be looked for and why, one line each.
    """

    transcripts: tuple[Job, ...]
    audio: tuple[str, ...]
    sessions: tuple[str, ...]
    streamed: tuple[str, ...]
    reports: tuple[str, ...]
    mergings: tuple[Merging, ...]
    shown: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What would be done, a line each; empty where there is nothing."""
        counts = (
            (len(self.transcripts), "archived transcripts to delete; the tables keep their rows"),
            (len(self.audio), "recordings of live sessions to delete"),
            (len(self.sessions), "live sessions to delete"),
            (len(self.streamed), "live sessions to delete from the tables"),
            (len(self.reports), "reports to delete"),
            (len(self.shown), "transcripts of live sessions to delete in the UI"),
        )
        merging = tuple(
            f"{len(each.files):,} small files of {each.table.name} to merge into one"
            for each in self.mergings
        )
        return (*(f"{count:,} {what}" for count, what in counts if count), *merging)

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON object."""
        return {
            "transcripts": [
                {"name": job.name, "recording_id": job.key.recording_id,
                 "options_hash": job.key.options_hash, "transcript_id": job.transcript_id}
                for job in self.transcripts
            ],
            "audio": list(self.audio),
            "sessions": list(self.sessions),
            "streamed": list(self.streamed),
            "reports": list(self.reports),
            "shown": list(self.shown),
            "merge": [
                {"table": each.table.name, "files": [file.path for file in each.files]}
                for each in self.mergings
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tidied:
    """What tidying has done.

    Attributes:
        transcripts: archived transcripts deleted.
        audio: recordings of sessions deleted.
        sessions: sessions deleted.
        streamed: sessions deleted from the tables.
        reports: pages deleted.
        shown: transcripts deleted where another program showed them.
        merged_files: small files that were merged into others.
        problems: what could not be done and why, one line each; the next time tries again.
    """

    transcripts: int
    audio: int
    sessions: int
    streamed: int
    reports: int
    shown: int
    merged_files: int
    problems: tuple[str, ...]

    @property
    def summary(self) -> str:
        """One line."""
        counts = (
            (self.transcripts, "transcripts deleted"),
            (self.audio, "recordings of sessions deleted"),
            (self.sessions, "sessions deleted"),
            (self.streamed, "sessions deleted from the tables"),
            (self.reports, "reports deleted"),
            (self.shown, "transcripts deleted in the UI"),
            (self.merged_files, "small files merged"),
            (len(self.problems), "problems"),
        )
        return ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing to do"


def plan_tidying(storage: Storage, ledger: Ledger, keep: Keep, now: datetime) -> Tidying:
    """Finds what there is to tidy, and changes nothing.

    Args:
        storage: the data folder.
        ledger: knows which transcripts are settled.
        keep: how long things are kept.
        now: the time.

    Raises:
        StorageError: the data folder cannot be listed.
        TableError: a table cannot be read.
    """
    sessions = expired_sessions(storage, keep.sessions_days, now)
    audio = expired_audio(storage, keep.audio_days, now)
    return Tidying(
        transcripts=expired_transcripts(storage, ledger, keep.transcripts_days, now),
        audio=tuple(name for name in audio if name not in set(sessions)),
        sessions=sessions,
        streamed=expired_streamed(storage, keep.streamed_days, now),
        reports=expired_reports(storage, keep.reports_days, now),
        mergings=tuple(
            merging for table in GROWING_TABLES for merging in plan_compaction(storage, table, now)
        ),
    )


def tidy(
    tidying: Tidying,
    storage: Storage,
    delete_at_service: DeleteAtService | None = None,
    delete_shown: DeleteShown | None = None,
) -> Tidied:
    """Does what was planned; what fails is told and left for the next time.

    Args:
        tidying: what there is to do.
        storage: the data folder.
        delete_at_service: deletes a transcript at its service first; None to leave it there.
        delete_shown: deletes a transcript where another program shows it.
    """
    problems = list(tidying.problems)
    hide = delete_shown or (lambda _: None)
    return Tidied(
        transcripts=_delete_transcripts(tidying.transcripts, storage, delete_at_service, problems),
        audio=sum(_done(delete_audio, storage, each, problems) for each in tidying.audio),
        sessions=sum(_done(delete_session, storage, each, problems) for each in tidying.sessions),
        streamed=sum(_done(delete_streamed, storage, each, problems) for each in tidying.streamed),
        reports=sum(_done(delete_report, storage, each, problems) for each in tidying.reports),
        shown=sum(_done(lambda _, it: hide(it), storage, each, problems) for each in tidying.shown),
        merged_files=sum(_done(merge, storage, each, problems) for each in tidying.mergings),
        problems=tuple(problems),
    )


def deleting_with(client: AssemblyAIClient) -> DeleteAtService:
    """Deletes transcripts at one service; those of another are refused, not forgotten."""

    def delete(job: Job) -> None:
        if job.engine == LOCAL_ENGINE or job.transcript_id is None:
            return
        if job.service is None:
            raise OtherServiceError(
                f"{job.name}: since the ledger was rebuilt nobody knows which service its "
                f"transcript {job.transcript_id} is at: delete it there by hand, then "
                f"{job.key.recording_id}.{job.key.options_hash}.json.gz in the archive"
            )
        if job.service != client.base_url:
            raise OtherServiceError(
                f"{job.name}: its transcript is at {job.service}, not at {client.base_url}: "
                "tidy once with that address"
            )
        client.delete(job.transcript_id)

    return delete


def _delete_transcripts(
    jobs: Sequence[Job],
    storage: Storage,
    delete_at_service: DeleteAtService | None,
    problems: list[str],
) -> int:
    deleted = 0
    for job in jobs:
        try:
            if delete_at_service is not None:
                delete_at_service(job)
            delete_transcript(storage, job.key)
            deleted += 1
        except ServiceError as error:
            # The next one would fail as well, after as much patience.
            problems.append(f"{len(jobs) - deleted:,} transcripts are left: {error}")
            break
        except FermataError as error:
            problems.append(str(error))
    return deleted


def _done(
    act: Callable[[Storage, T], int | None], storage: Storage, what: T, problems: list[str]
) -> int:
    """Does one thing; returns how many it says it did, or 1."""
    try:
        count = act(storage, what)
    except FermataError as error:
        problems.append(str(error))
        return 0
    return 1 if count is None else count
