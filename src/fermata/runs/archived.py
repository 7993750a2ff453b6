"""What the archive holds: the recordings of a run that transcribes nothing and reads no audio."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fermata.calibration import MAIN, Members, Scope
from fermata.errors import UsageError
from fermata.ledger import Job, Ledger
from fermata.recordings import Recording
from fermata.runs.recovery import restore_all
from fermata.runs.worklist import Item, Worklist
from fermata.storage import Storage


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the transcribed recordings are meant; by default all.

    Attributes:
        since: the first day, in UTC, on which their transcripts arrived.
        until: the last such day.
        group: their group.
        members: which recordings belong to their scope; None for all.
    """

    since: date | None = None
    until: date | None = None
    group: str | None = None
    members: Members | None = None

    @property
    def text(self) -> str:
        """The selection in words."""
        parts = (
            ("of the scope {}", self.members.scope.shown if self.members else None),
            ("of the group {}", self.group),
            ("transcribed since {}", self.since),
            ("transcribed until {}", self.until),
        )
        said = [form.format(value) for form, value in parts if value is not None]
        return ", ".join(said) or "all"

    def takes(self, job: Job) -> bool:
        """Whether a settled job is among those meant."""
        assert job.settled_at is not None
        day = job.settled_at.date()
        return (
            (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
            and (self.group is None or job.group == self.group)
            and (self.members is None or self.members.has(job.uri))
        )


@dataclass(frozen=True, slots=True)
class Archived:
    """The transcribed recordings of a selection.

    Attributes:
        jobs: one per recording, by name: of several sets of options the newest.
        batches: the batches of the tables that hold all their transcripts, sorted.
        recovered: what the ledger had lost, a line each.
        scope: what they belong to.
    """

    jobs: tuple[Job, ...]
    batches: tuple[str, ...]
    recovered: tuple[str, ...] = ()
    scope: Scope = MAIN

    @property
    def worklist(self) -> Worklist:
        """The same as what a run has found, with nothing left to do."""
        items = tuple(Item(_recording(job), job.key) for job in self.jobs)
        return Worklist(
            items=items, duplicates=(), rejections=(), new=(), open_jobs=(), scope=self.scope
        )


def archived(selection: Selection, ledger: Ledger, storage: Storage) -> Archived:
    """Finds what was transcribed, by the ledger alone: the recordings may be gone.

    What the ledger has lost is put back before, from the archive and the tables.

    Raises:
        UsageError: nothing was transcribed that the selection means.
        TableError: the table of recordings cannot be read.
        StorageError: the archive cannot be looked through.
    """
    if selection.since and selection.until and selection.since > selection.until:
        raise UsageError(f"since {selection.since} lies after until {selection.until}")
    recovered = restore_all(storage, ledger)
    meant = [job for job in ledger.completed() if selection.takes(job)]
    if not meant:
        raise UsageError(f"no transcribed recordings ({selection.text}); choose others")
    return Archived(
        jobs=tuple(sorted(_newest_each(meant), key=lambda job: (job.name, job.key.recording_id))),
        batches=tuple(sorted({job.batch for job in meant})),
        recovered=recovered.lines,
        scope=selection.members.scope if selection.members else MAIN,
    )


def _newest_each(jobs: Iterable[Job]) -> Iterable[Job]:
    by_time = sorted(jobs, key=lambda job: (job.settled_at, job.key.options_hash))
    return {job.key.recording_id: job for job in by_time}.values()


def _recording(job: Job) -> Recording:
    return Recording(
        recording_id=job.key.recording_id,
        uri=job.uri,
        name=job.name,
        group=job.group,
        # The file is not looked at, and may look different by now.
        fingerprint="",
        size_bytes=None,
        duration_s=job.duration_s,
        channels=job.channels,
    )
