"""What a run has to do: which of the recordings found are new, open, or known already."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from fermata.assemblyai.options import TranscriptOptions
from fermata.calibration.scopes import MAIN, Scope, scope_for
from fermata.forgetting.tombstones import remember_forgotten
from fermata.ledger import Job, JobKey, JobState, Ledger, PlannedJob
from fermata.recordings import (
    Candidate,
    GroupBy,
    Recording,
    Rejection,
    identify,
    is_web,
    list_recordings,
    told_kinds,
    without_secrets,
)
from fermata.runs.addresses import Complete, asking_addresses
from fermata.runs.recovery import recover
from fermata.storage import Storage

logger = logging.getLogger(__name__)

# Reading headers and hashing waits for the disk or the network more than for the processor.
_READERS = 8
# A batch is one file in each table: large enough that a glob stays quick, small enough to be
# written again when its last recording settles.
_BATCH_SIZE = 250


@dataclass(frozen=True, slots=True)
class Item:
    """A recording and the key that the ledger knows its transcript by.

    That is all that is left of one whose options are of an earlier version.
    """

    recording: Recording
    key: JobKey

    @property
    def name(self) -> str:
        """The recording's name, for task run names and log lines."""
        return self.recording.name


@dataclass(frozen=True, slots=True)
class WorkItem(Item):
    """A recording and the options that its transcript is asked for with."""

    options: TranscriptOptions


def work_item(recording: Recording, options: TranscriptOptions) -> WorkItem:
    """A recording to be transcribed with these options."""
    return WorkItem(recording, JobKey(recording.recording_id, options.options_hash), options)


@dataclass(frozen=True, slots=True)
class Worklist:
    """Everything a run found, sorted by what there is to do.

    Attributes:
        items: every content once, by name.
        duplicates: files whose content stands in `items` under another name.
        rejections: files that cannot be used, and why.
        new: items to upload and submit.
        open_jobs: jobs that an earlier run submitted, to be polled only.
        recovered: what the ledger or the archive had lost, a line each.
        passed_over: how many other files there are beside the recordings, by extension.
        forgotten: how many files are left out because somebody had them forgotten.
        scope: what the recordings belong to.
    """

    items: tuple[Item, ...]
    duplicates: tuple[Recording, ...]
    rejections: tuple[Rejection, ...]
    new: tuple[WorkItem, ...]
    open_jobs: tuple[Job, ...]
    recovered: tuple[str, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    forgotten: int = 0
    scope: Scope = MAIN

    @property
    def groups(self) -> dict[JobKey, str]:
        """The group of each content."""
        return {item.key: item.recording.group for item in self.items}

    @property
    def summary(self) -> str:
        """One line with what there is to do."""
        found = len(self.items) + len(self.duplicates) + len(self.rejections)
        known = len(self.items) - len(self.new) - len(self.open_jobs)
        parts = [f"{found:,} found", f"{len(self.new):,} new", f"{known:,} known"]
        for count, what in (
            (len(self.open_jobs), "at the service already"),
            (len(self.duplicates), "repeated under another name"),
            (len(self.rejections), "unusable"),
            (self.forgotten, "forgotten and left out"),
        ):
            if count:
                parts.append(f"{count:,} {what}")
        return "; ".join(filter(None, (", ".join(parts), told_passed_over(self.passed_over))))


def told_passed_over(passed_over: Mapping[str, int]) -> str:
    """One line on the files that are no recordings by their extension; empty without any."""
    if not passed_over:
        return ""
    count = sum(passed_over.values())
    files = "file was" if count == 1 else "files were"
    return f"{count:,} other {files} passed over: {told_kinds(passed_over)}"


OptionsFor = Callable[[int | None], TranscriptOptions]
"""From a recording's number of channels (None: unknown) to its request options."""


def make_worklist(
    sources: Sequence[str],
    group_by: GroupBy,
    *,
    options_for: OptionsFor,
    ledger: Ledger,
    storage: Storage,
    run_id: str,
    scope_name: str = "",
) -> Worklist:
    """Finds the recordings, reads those not seen before, and plans the new ones.

    Files that the ledger has seen with the same size and time are not read again; recordings
    that it knows as done take no further part. What the ledger has lost is put back before, from
    the archive and the tables. Calls no service; of an http(s) address that was not seen before
    the beginning is looked at.

    Raises:
        UsageError: a source does not exist, or holds no recording.
        TableError: the table of recordings cannot be read.
        StorageError: the archive cannot be looked through.
    """
    listing = list_recordings(sources, group_by)
    gone = remember_forgotten(storage, ledger)
    found, unreadable = read_unseen(listing.candidates, ledger, asking_addresses(storage))
    recordings = [each for each in found if each.recording_id not in gone]
    items, duplicates = _each_content_once(recordings, options_for)
    recovered = recover(storage, ledger, {item.key: item.recording for item in items})
    # Almost all are completed on most nights; the others alone are asked for.
    unfinished = [item for item in items if item.key not in recovered.completed]
    jobs = ledger.jobs([item.key for item in unfinished])
    new = tuple(item for item in unfinished if is_new(jobs.get(item.key)))
    ledger.plan(planned_jobs(new, run_id))
    return Worklist(
        items=items,
        duplicates=(*duplicates, *_linked(listing.links, recordings)),
        rejections=(*listing.rejections, *unreadable),
        new=new,
        open_jobs=tuple(job for job in jobs.values() if job.state is JobState.SUBMITTED),
        recovered=recovered.lines,
        passed_over=listing.passed_over,
        forgotten=len(found) - len(recordings),
        scope=scope_for(storage, sources, scope_name),
    )


def read_unseen(
    candidates: Sequence[Candidate], ledger: Ledger, complete: Complete = lambda each: each
) -> tuple[list[Recording], list[Rejection]]:
    """The recordings by name, of which only those are read that the ledger has not seen so.

    Args:
        candidates: what was listed.
        ledger: what it noted of an address first holds for every run: how it is sent depends on
            that, and so does whether it is sent again.
        complete: adds what can be told of a recording at an address.
    """
    seen = ledger.files.lookup(candidates)
    unseen = [each for each in candidates if each.uri not in seen]
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        read = list(readers.map(lambda each: _completed(identify(each), complete), unseen))
    recordings = [each for each in read if isinstance(each, Recording)]
    ledger.files.remember(recordings)
    noted = ledger.files.lookup([each for each in unseen if is_web(each.uri)])
    recordings = [noted.get(each.uri, each) for each in recordings]
    rejections = [each for each in read if isinstance(each, Rejection)]
    return sorted([*seen.values(), *recordings], key=lambda each: each.name), rejections


def _completed(found: Recording | Rejection, complete: Complete) -> Recording | Rejection:
    return complete(found) if isinstance(found, Recording) and is_web(found.uri) else found


def _linked(links: Sequence[Candidate], recordings: Iterable[Recording]) -> Iterator[Recording]:
    """What links lead to, under the links' names."""
    if not links:
        return
    by_uri = {each.uri: each for each in recordings}
    for link in links:
        # What its target cannot be used for is told once, of the target.
        if target := by_uri.get(link.uri):
            yield replace(target, name=link.name, group=link.group)


def _each_content_once(
    recordings: Iterable[Recording], options_for: OptionsFor
) -> tuple[tuple[WorkItem, ...], tuple[Recording, ...]]:
    originals: dict[str, WorkItem] = {}
    duplicates: list[Recording] = []
    for recording in recordings:
        if recording.recording_id in originals:
            duplicates.append(recording)
        else:
            item = work_item(recording, options_for(recording.channels))
            originals[recording.recording_id] = item
    return tuple(originals.values()), tuple(duplicates)


def is_new(job: Job | None) -> bool:
    """Whether a recording is to be submitted: unknown, not submitted yet, or worth a new try."""
    if job is None or job.state in (JobState.PLANNED, JobState.UPLOADED):
        return True
    return job.state is JobState.FAILED and not job.permanent


def planned_jobs(items: Sequence[WorkItem], run_id: str) -> list[PlannedJob]:
    """What the ledger is told of recordings before they are submitted."""
    return [
        PlannedJob(
            key=item.key,
            name=item.recording.name,
            uri=without_secrets(item.recording.uri),
            group=item.recording.group,
            engine=item.options.engine,
            speech_models=item.options.speech_models,
            duration_s=item.recording.duration_s,
            channels=item.recording.channels,
            batch=f"{run_id}-{index // _BATCH_SIZE:04d}",
            run_id=run_id,
        )
        for index, item in enumerate(items)
    ]
