"""Transcribing archived recordings again with other options: what there is to send."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fermata.errors import UsageError
from fermata.ledger import Job, JobState, Ledger
from fermata.recordings import Candidate, GroupBy, Recording, Rejection, list_recordings
from fermata.runs.worklist import (
    OptionsFor,
    WorkItem,
    Worklist,
    is_new,
    planned_jobs,
    read_unseen,
    work_item,
)

# Looking a file up waits for the disk or the network more than for the processor.
_LOOKERS = 8
_REPLACED = "another content stands there by now; restore the recording"
_UNMEASURED = "nobody knows how long it is, so its cost cannot be estimated; calibrate it by name"


def worklist_again(jobs: Sequence[Job], options_for: OptionsFor, ledger: Ledger) -> Worklist:
    """Finds the recordings of some jobs again, and which of them lack these options.

    Only files that changed since the ledger saw them are read. Nothing is planned and no
    service is called, so this can be shown before anybody agrees to the cost.

    Args:
        jobs: transcribed recordings, each once.
        options_for: what is to be asked for now.
        ledger: knows what was asked for with these options already.

    Returns:
        The recordings still there as items; those that are gone as rejections, with the
        address and the reason.
    """
    found = _look_up(jobs)
    candidates = {each.uri: each for each in found if isinstance(each, Candidate)}
    recordings, unreadable = read_unseen(list(candidates.values()), ledger)
    at: dict[str, Recording | Rejection] = {each.uri: each for each in recordings}
    at.update({each.uri: each for each in unreadable})
    read = [at[each.uri] if isinstance(each, Candidate) else each for each in found]
    kept = [_checked(job, each) for job, each in zip(jobs, read, strict=True)]
    items = tuple(
        work_item(each, options_for(each.channels)) for each in kept if isinstance(each, Recording)
    )
    known = ledger.jobs(item.key for item in items)
    return Worklist(
        items=items,
        duplicates=(),
        rejections=tuple(each for each in kept if isinstance(each, Rejection)),
        new=tuple(item for item in items if is_new(known.get(item.key))),
        open_jobs=tuple(job for job in known.values() if job.state is JobState.SUBMITTED),
    )


def plan_again(worklist: Worklist, ledger: Ledger, run_id: str) -> None:
    """Tells the ledger of what is to be sent, once the cost was agreed to."""
    ledger.plan(planned_jobs(worklist.new, run_id))


def length_s(items: Iterable[WorkItem]) -> float:
    """How long some recordings are together."""
    return sum(item.recording.duration_s or 0.0 for item in items)


def _look_up(jobs: Sequence[Job]) -> list[Candidate | Rejection]:
    with ThreadPoolExecutor(max_workers=_LOOKERS) as lookers:
        return list(lookers.map(_listed, jobs))


def _listed(job: Job) -> Candidate | Rejection:
    """The file as it is listed now."""
    try:
        listing = list_recordings([job.uri], GroupBy.NONE)
    except UsageError as error:
        return _gone(job, str(error))
    return listing.candidates[0] if listing.candidates else listing.rejections[0]


def _checked(job: Job, found: Recording | Rejection) -> Recording | Rejection:
    """The recording under the name and group it had, if it is the same and can be priced."""
    if isinstance(found, Rejection):
        return _gone(job, found.reason)
    if found.recording_id != job.key.recording_id:
        return _gone(job, _REPLACED)
    if job.duration_s is None:
        return _gone(job, _UNMEASURED)
    channels = job.channels if found.channels is None else found.channels
    return replace(
        found, name=job.name, group=job.group, duration_s=job.duration_s, channels=channels
    )


def _gone(job: Job, reason: str) -> Rejection:
    return Rejection(uri=job.uri, name=job.name, group=job.group, reason=reason)
