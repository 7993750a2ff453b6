"""Removes a call everywhere, step by step, so that a kill between any two loses nothing.

The tombstone comes first and says what is to go. Each step may be done again; what could not be
done stays named in the tombstone, and the next tidying tries again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fermata.archive import TranscriptArchive
from fermata.errors import FermataError, UsageError
from fermata.forgetting.calls import of_recording
from fermata.forgetting.erasing import (
    erase_reports,
    erase_rows,
    erase_session,
    erase_transcripts,
)
from fermata.forgetting.tombstones import (
    AtService,
    CallKind,
    Left,
    Tombstone,
    remember_forgotten,
    unfinished,
    write_tombstone,
)
from fermata.ledger import JobState, Ledger
from fermata.runs.recovery import restore_all
from fermata.storage import Storage

_UNSENT = (JobState.PLANNED, JobState.UPLOADED)
_IN_USE = (
    "the ledger is in use, and its file may hold bytes of what was deleted until it is written "
    "anew: the next `fermata tidy` does it"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a call may be.

    Attributes:
        storage: the data folder.
        ledger: the ledger.
        delete_at_service: deletes what a service keeps; what is gone already is as good as
            deleted.
        delete_records: deletes the records of runs that speak of a call, and says how many.
    """

    storage: Storage
    ledger: Ledger
    delete_at_service: Callable[[AtService], object]
    delete_records: Callable[[Left], int]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed.

    Attributes:
        removed: how much, by place.
        problems: what could not be removed and why, one line each; the next tidying tries again.
    """

    removed: dict[str, int]
    problems: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What was removed, a line each."""
        return tuple(f"{count:,} {place}" for place, count in self.removed.items() if count)


@dataclass(slots=True)
class Forgetting:
    """One call on its way out.

    Attributes:
        places: where it may be.
        removed: how much was removed, by place.
        problems: what could not be.
    """

    places: Places
    removed: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def run(self, call: Tombstone) -> None:
        """Removes a call everywhere, and leaves its tombstone."""
        storage = self.places.storage
        call = self._taken(call)
        left = call.left
        if left is None:
            return
        write_tombstone(storage, call)
        before = len(self.problems)
        if call.kind is CallKind.RECORDING:
            self.erase_recording(call.key)
        else:
            self._step("files and rows of live sessions", lambda: erase_session(storage, left.name))
        self._step("reports", lambda: erase_reports(storage, left.traces))
        self._step("records of runs", lambda: self.places.delete_records(left))
        everything = len(self.problems) > before
        remaining = tuple(each for each in left.at_services if not self._deleted(each))
        if not self._step("", self._scrub) or everything or remaining:
            self._leave(call, left, remaining, everything=everything)
        else:
            write_tombstone(storage, call.model_copy(update={"left": None}))

    def _taken(self, call: Tombstone) -> Tombstone:
        """The call with what the ledger knows of it by now, taken out of the hands of runs."""
        if call.kind is not CallKind.RECORDING or call.left is None:
            return call
        jobs = self.places.ledger.forgotten.jobs_of(call.key)
        for job in jobs:
            if job.state in _UNSENT and self.places.ledger.claim(job.key) is None:
                raise UsageError(
                    f"{job.name} is being sent by a run just now: let that run end, then forget it"
                )
        if not jobs:
            return call
        fresh = of_recording(self.places.ledger.forgotten.jobs_of(call.key)).left
        return call if fresh is None else call.model_copy(update={"left": call.left.joined(fresh)})

    def erase_recording(self, recording_id: str) -> None:
        """Removes a recording from ledger, archive and tables."""
        storage, ledger = self.places.storage, self.places.ledger
        self._step("", lambda: ledger.forgotten.add([recording_id]))
        self._step("archived transcripts", lambda: erase_transcripts(storage, recording_id))
        self._step("table files written anew", lambda: erase_rows(storage, ledger, recording_id))

    def _deleted(self, kept: AtService) -> bool:
        return self._step("transcripts at their service", lambda: self._delete(kept))

    def _delete(self, kept: AtService) -> int:
        self.places.delete_at_service(kept)
        return 1

    def _scrub(self) -> None:
        if not self.places.ledger.forgotten.scrub():
            self.problems.append(_IN_USE)
            raise _StillInUseError

    def _leave(
        self, call: Tombstone, left: Left, remaining: tuple[AtService, ...], *, everything: bool
    ) -> None:
        """Names in the tombstone what is still to be done, and no more than that takes."""
        kept = left if everything else Left(name=call.key, traces=())
        kept = kept.model_copy(update={"at_services": remaining})
        write_tombstone(self.places.storage, call.model_copy(update={"left": kept}))

    def _step(self, place: str, act: Callable[[], int | None]) -> bool:
        """Does one thing; says whether it is done."""
        try:
            count = act()
        except _StillInUseError:
            return False
        except FermataError as error:
            self.problems.append(" ".join(str(error).split()))
            return False
        if place and count:
            self.removed[place] += count
        return True


class _StillInUseError(Exception):
    """Told already."""


def forget(calls: Iterable[Tombstone], places: Places) -> Forgotten:
    """Removes calls everywhere.

    Args:
        calls: as `find_calls` gives them.
        places: where they may be.

    Raises:
        UsageError: a run is sending one of them just now; nothing of it was removed.
        FermataError: a tombstone could not be written; nothing of that call was removed.
    """
    forgetting = Forgetting(places)
    for call in calls:
        forgetting.run(call)
    return Forgotten(dict(forgetting.removed), tuple(forgetting.problems))


def finish(places: Places) -> Forgotten:
    """Goes on with what was not done, and removes again what a run has brought back since.

    A run that was asking for a transcript while it was forgotten may have archived it after.

    Raises:
        FermataError: the data folder or the ledger cannot be read.
    """
    storage, ledger = places.storage, places.ledger
    gone = remember_forgotten(storage, ledger)
    open_calls = unfinished(storage)
    archived = TranscriptArchive(storage).keys() if gone else ()
    back = gone.intersection(recording for recording, _ in archived)
    if not open_calls and not back:
        return Forgotten({}, ())
    restore_all(storage, ledger)
    forgetting = Forgetting(places)
    for recording_id in sorted(back):
        forgetting.erase_recording(recording_id)
    for call in open_calls:
        forgetting.run(call)
    return Forgotten(dict(forgetting.removed), tuple(forgetting.problems))
