"""Brings the recordings of one run to their end, as many at once as the service may have.

Who runs the single steps is handed in: a flow has them run as tasks, so that each recording is
seen, and a test runs them on plain threads.
"""

import contextlib
import queue
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from fermata.assemblyai.errors import AccountError, StoppedError
from fermata.errors import FermataError
from fermata.ledger import Job, JobKey, Ledger
from fermata.transcription.doubt import DoubtPolicy, Doubts
from fermata.transcription.open_jobs import OpenJob
from fermata.transcription.outcomes import Outcome, OutcomeKind, Submission
from fermata.transcription.places import Places
from fermata.transcription.polling import Polling


class Item(Protocol):
    """A recording that is to be transcribed."""

    @property
    def key(self) -> JobKey:
        """Its job."""

    @property
    def name(self) -> str:
        """Its name, for people."""


class Pending(Protocol):
    """A step that runs elsewhere: a future of Prefect's or of `concurrent.futures`."""

    def add_done_callback(self, fn: Callable[[Any], None], /) -> object:
        """Has `fn` called when the step has come to its end."""


ItemT = TypeVar("ItemT", bound=Item)
PendingT = TypeVar("PendingT", bound=Pending)


@dataclass(frozen=True, slots=True)
class Steps(Generic[ItemT, PendingT]):
    """How the steps of a batch are run, each beside the others.

    Attributes:
        submit: Starts to upload and submit a recording (`submit_once`).
        poll: Starts the polling (`Polling.run`).
        result_of: What a step that has ended returned, or the exception that it raised.
        at_once: How many submissions may be under way; more than that are not begun.
    """

    submit: Callable[[ItemT], PendingT]
    poll: Callable[[], PendingT]
    result_of: Callable[[PendingT], object]
    at_once: int


class Inbox:
    """What happens to a batch, for the one thread that goes on with it."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def put(self, event: Callable[[], None]) -> None:
        """Has the thread do something; may be called from any other."""
        self._events.put(event)

    def do_next(self, within_s: float | None = None) -> None:
        """Waits for what comes next, for so long at most, and does it."""
        with contextlib.suppress(queue.Empty):
            self._events.get(timeout=within_s)()


class Batch(Generic[ItemT, PendingT]):
    """The recordings of one run; to be used by one thread.

    A recording is uploaded ahead, waits for one of the places at the service, and gives it back
    as soon as the service is done with it: then the next one is submitted at once.
    """

    def __init__(
        self,
        new: Iterable[ItemT],
        open_jobs: Iterable[Job],
        *,
        steps: Steps[ItemT, PendingT],
        places: Places,
        polling: Polling,
        ledger: Ledger,
        on_settled: Callable[[Outcome], object],
        doubt: DoubtPolicy | None = None,
    ) -> None:
        """Takes over what there is to do.

        Args:
            new: What is to be uploaded and submitted.
            open_jobs: What an earlier run has submitted.
            steps: How the steps are run.
            places: Of which each submission takes one.
            polling: Asks for what was submitted, and frees its place.
            ledger: Where a recording is given up that failed by a fault of ours.
            on_settled: Told of every outcome, by the thread that runs the batch.
            doubt: How long to keep looking for submissions that may have been accepted.
        """
        self._waiting = deque(new)
        self._items = {item.key: item for item in self._waiting}
        self._doubts = Doubts(doubt or DoubtPolicy())
        self._under_way = 0
        self._steps = steps
        self._places = places
        self._polling = polling
        self._ledger = ledger
        self._on_settled = on_settled
        self._inbox = Inbox()
        self._left = set(self._items)
        self._unsettled: dict[JobKey, Outcome] = {}
        self._polled = False
        polling.tell(lambda outcome: self._inbox.put(lambda: self._settled(outcome)))
        for job in open_jobs:
            if open_job := OpenJob.of(job):
                self._watch(open_job)

    def run(self) -> dict[JobKey, Outcome]:
        """Brings all to an end; returns those that a later run has to go on with.

        Raises:
            AccountError: The key is wrong, or there is no credit, for every recording.
            StoppedError: The run was stopped.
            Exception: What the polling raised.
        """
        try:
            self._start(self._steps.poll(), self._has_polled)
            while self._left:
                self._submit_more()
                self._inbox.do_next(self._doubts.next_s())
            self._polling.close()
            while not self._polled:
                self._inbox.do_next()
        finally:
            self._places.close()
            self._polling.abandon()
        return self._unsettled

    def _submit_more(self) -> None:
        self._waiting.extend(self._items[key] for key in self._doubts.due())
        while self._waiting and self._under_way < self._steps.at_once:
            item = self._waiting.popleft()
            self._under_way += 1
            self._start(self._steps.submit(item), partial(self._note, item))

    def _start(self, pending: PendingT, ended: Callable[[object], None]) -> None:
        pending.add_done_callback(
            lambda _: self._inbox.put(lambda: ended(self._steps.result_of(pending)))
        )

    def _note(self, item: ItemT, result: object) -> None:
        self._under_way -= 1
        match result:
            case Submission():
                self._watch(result.job)
            case Outcome(kind=OutcomeKind.IN_DOUBT) if self._doubts.is_worth_a_look(item.key):
                return
            case Outcome():
                self._settled(result)
            case AccountError() | StoppedError():
                raise result
            case _:
                self._settled(self._given_up(item, result))

    def _given_up(self, item: ItemT, error: object) -> Outcome:
        # A fault of ours in one recording must not sink the others.
        known = isinstance(error, FermataError)
        reason = str(error) if known else f"unexpected {type(error).__name__}: {error}"
        if known and self._ledger.job(item.key).attempted_ago_s is not None:
            reason = f"in doubt: a submission may have been accepted, but {reason}"
            return Outcome(item.key, item.name, OutcomeKind.IN_DOUBT, None, reason)
        self._ledger.give_up(item.key, reason)
        return Outcome(item.key, item.name, OutcomeKind.UNFINISHED, None, reason)

    def _watch(self, job: OpenJob) -> None:
        self._left.add(job.key)
        if not job.is_new:
            self._places.occupy()
        self._polling.watch(job)

    def _settled(self, outcome: Outcome) -> None:
        self._on_settled(outcome)
        if outcome.kind is OutcomeKind.PLANNED_AGAIN:
            self._waiting.append(self._items[outcome.key])
            return
        self._left.discard(outcome.key)
        if outcome.kind in (OutcomeKind.UNFINISHED, OutcomeKind.IN_DOUBT):
            self._unsettled[outcome.key] = outcome

    def _has_polled(self, result: object) -> None:
        self._polled = True
        if isinstance(result, BaseException):
            raise result
        if self._left:
            raise StoppedError("stopped before all were transcribed; start again to go on")
