"""Transcripts read while others are still at the service, so that a run's end need not wait.

What the tables take from a transcript is kept in memory until its batch is written: a fraction
of the transcript itself, and never more than a bound. What is not kept is read when it is
needed; the rows are the same.
"""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from fermata.archive import TranscriptArchive
from fermata.ledger import Job, JobKey

if TYPE_CHECKING:
    from fermata.runs.readings import JobRows

MOST_BYTES = 128 * 2**20
"""How much is kept: a call of five minutes takes about 0.1 MB, so some 1,300 of them."""

_Version = tuple[JobKey, str, datetime | None]


class ReadAhead:
    """The rows of settled jobs, from memory where they were read before; for any thread."""

    def __init__(self, archive: TranscriptArchive, most_bytes: int = MOST_BYTES) -> None:
        """Begins with nothing in memory.

        Args:
            archive: where the transcripts are.
            most_bytes: how much is kept at most.
        """
        self._archive = archive
        self._most_bytes = most_bytes
        self._kept: dict[_Version, JobRows] = {}
        self._kept_bytes = 0
        self._lock = threading.Lock()

    def read(self, job: Job) -> None:
        """Reads the transcript of a settled job and keeps its rows, where there is room."""
        if self._kept_bytes >= self._most_bytes or _version(job) in self._kept:
            return
        rows = self._from_archive(job)
        # A missing transcript may be there by the time that its batch is written.
        if rows.has_transcript:
            with self._lock:
                self._kept[_version(job)] = rows
                self._kept_bytes += rows.nbytes

    def rows_of(self, job: Job) -> "JobRows":
        """The rows of a settled job as it is given here.

        Raises:
            StorageError: its transcript is not in memory and could not be read.
        """
        return self._kept.get(_version(job)) or self._from_archive(job)

    def forget(self, jobs: Iterable[Job]) -> None:
        """Drops the rows of jobs whose batch is written."""
        with self._lock:
            for job in jobs:
                if rows := self._kept.pop(_version(job), None):
                    self._kept_bytes -= rows.nbytes

    def _from_archive(self, job: Job) -> "JobRows":
        # Late: a run makes its first request before it reads a transcript.
        from fermata.runs.readings import rows_of_job  # noqa: PLC0415

        return rows_of_job(job, self._archive)


def _version(job: Job) -> _Version:
    return job.key, job.state, job.settled_at
