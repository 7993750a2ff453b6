"""Polls all open jobs side by side, each when it is likely to be done, and settles them."""

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fermata.assemblyai.client import AssemblyAIClient
from fermata.assemblyai.errors import RateLimitedError, TransientServiceError
from fermata.ledger import Job, JobKey, Ledger
from fermata.transcription.open_jobs import OpenJob
from fermata.transcription.outcomes import Outcome, OutcomeKind
from fermata.transcription.pace import PollPolicy
from fermata.transcription.settling import NotYet, Settler, unfinished
from fermata.transcription.watches import Watch, Watches

_ASKERS = 4
"""Threads that ask. More come for those whose answer hangs."""

_HANGING_S = 0.5
_MOST_ASKERS = 64
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class PollResult:
    """What became of the jobs: each is either settled in this run, or still open."""

    settled: tuple[Outcome, ...]
    still_open: tuple[OpenJob, ...]


def poll(
    jobs: Iterable[Job],
    *,
    client: AssemblyAIClient,
    ledger: Ledger,
    archive: Callable[[JobKey, bytes], object],
    policy: PollPolicy | None = None,
    on_settled: Callable[[Outcome], object] = lambda _: None,
    stop: threading.Event | None = None,
    clock_s: Callable[[], float] = time.monotonic,
) -> PollResult:
    """Asks for submitted jobs until none is open; see `Polling`.

    Args:
        jobs: Jobs as the ledger gave them; those without a transcript's id are left out.
        client: The service.
        ledger: Where they are settled.
        archive: Keeps a transcript as it was received. Only after it returns is the job
            completed in the ledger.
        policy: How often and how long.
        on_settled: Told of every outcome as it comes, by several threads.
        stop: Ends the polling at once when set; what is open then stays open.
        clock_s: A clock that only goes forward.

    Returns:
        The outcomes in the order they came, and what is still open.

    Raises:
        AccountError: The key is wrong, or there is no credit, for every recording.
        LedgerError: The ledger failed.
        Exception: Whatever `archive` or `on_settled` raise.
    """
    polling = Polling(
        Settler(client, ledger, archive, at_the_end=lambda: None),
        policy=policy or PollPolicy(),
        on_settled=on_settled,
        stop=stop or threading.Event(),
        clock_s=clock_s,
    )
    for job in jobs:
        if open_job := OpenJob.of(job):
            polling.watch(open_job)
    polling.close()
    return polling.run()


class Polling:
    """Asks for open jobs; new ones may come while it runs, from any thread.

    One thread decides who is due, a few others ask. An answer that hangs delays its own job
    alone, because another thread takes the place of the one that waits for it.
    """

    def __init__(
        self,
        settler: Settler,
        *,
        policy: PollPolicy,
        on_settled: Callable[[Outcome], object] = lambda _: None,
        stop: threading.Event,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settler = settler
        self._policy = policy
        self._on_settled = on_settled
        self._stop = stop
        self._clock_s = clock_s
        self._watches = Watches(policy)
        self._budget = _Budget(policy.questions_per_s, clock_s())
        self._last_settled_s = clock_s()
        self._asked: dict[int, tuple[Watch, float]] = {}
        self._settled: list[Outcome] = []
        self._ready: queue.SimpleQueue[Watch | None] = queue.SimpleQueue()
        self._askers = 0
        self._closed = self._abandoned = self._ended = False
        self._failure: BaseException | None = None
        self._changed = threading.Condition()

    def watch(self, job: OpenJob) -> None:
        """Takes in a job."""
        with self._changed:
            self._watches.add(job, self._clock_s())
            self._changed.notify()

    def close(self) -> None:
        """Says that no more jobs will come: `run` returns when the last one is settled."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def tell(self, on_settled: Callable[[Outcome], object]) -> None:
        """Has every outcome told to somebody, by several threads."""
        self._on_settled = on_settled

    def abandon(self) -> None:
        """Ends the polling at once; what is open stays open."""
        with self._changed:
            self._abandoned = True
            self._changed.notify()

    def run(self) -> PollResult:
        """Asks until all jobs are settled and no more will come, or it is stopped.

        Raises:
            Exception: See `poll`.
        """
        with self._changed:
            try:
                while not self._is_over():
                    self._changed.wait(self._hand_out())
            finally:
                self._ended = True
                for _ in range(self._askers):
                    self._ready.put(None)
            if self._failure is not None:
                raise self._failure
            asked = [watch.job for watch, _ in self._asked.values()]
            return PollResult(tuple(self._settled), (*asked, *self._watches.waiting()))

    def _is_over(self) -> bool:
        if self._failure is not None or self._abandoned or self._stop.is_set():
            return True
        nothing_left = not self._asked and self._watches.next_due_s() is None
        return self._closed and nothing_left

    def _hand_out(self) -> float:
        """Hands out what is due, and returns how long to wait for what comes next."""
        while (due_s := self._watches.next_due_s()) is not None:
            now_s = self._clock_s()
            wait_s = max(due_s, self._budget.free_s) - now_s
            if wait_s > 0:
                return min(wait_s, _LOOK_EVERY_S)
            if not self._has_asker(now_s):
                return _LOOK_EVERY_S
            watch = self._watches.pop()
            self._asked[watch.number] = (watch, now_s)
            self._budget.spend(now_s)
            self._ready.put(watch)
        return _LOOK_EVERY_S

    def _has_asker(self, now_s: float) -> bool:
        """Whether somebody is free to ask, or may be called in addition."""
        if len(self._asked) < self._askers:
            return True
        hanging = sum(now_s - since_s > _HANGING_S for _, since_s in self._asked.values())
        if self._askers >= min(_ASKERS + hanging, _MOST_ASKERS):
            return False
        self._askers += 1
        # What is logged there belongs to whoever polls.
        work = contextvars.copy_context().run
        threading.Thread(target=work, args=(self._ask_on,), name="poll", daemon=True).start()
        return True

    def _ask_on(self) -> None:
        """A thread that asks, until there is nothing more to ask for."""
        while (watch := self._ready.get()) is not None:
            try:
                self._ask(watch)
            except BaseException as error:  # noqa: BLE001 - told where the polling was begun
                with self._changed:
                    self._failure = self._failure or error
                    self._changed.notify()
                return

    def _ask(self, watch: Watch) -> None:
        answer: Outcome | NotYet | TransientServiceError
        try:
            answer = self._settler.ask(watch.job)
        except TransientServiceError as error:
            answer = error
        with self._changed:
            if self._ended:
                return
            outcome = self._heard(watch, answer)
            if outcome is None:
                self._no_longer_asked(watch)
                return
        self._on_settled(outcome)
        with self._changed:
            self._last_settled_s = self._clock_s()
            self._settled.append(outcome)
            self._watches.left(watch)
            self._no_longer_asked(watch)

    def _no_longer_asked(self, watch: Watch) -> None:
        del self._asked[watch.number]
        self._changed.notify()

    def _heard(
        self, watch: Watch, answer: Outcome | NotYet | TransientServiceError
    ) -> Outcome | None:
        """Returns the outcome of a job, or None and leaves it due again."""
        match answer:
            case NotYet():
                return self._not_yet(watch, answer)
            case TransientServiceError():
                return self._failed_to_ask(watch, answer)
            case Outcome():
                if answer.kind is OutcomeKind.COMPLETED:
                    self._watches.done(watch, self._clock_s())
                return answer

    def _not_yet(self, watch: Watch, answer: NotYet) -> Outcome | None:
        """Puts a job back, unless it takes too long: then it is given up for this run.

        A queued job is not late while the queue moves: a free account has five in work at once.
        """
        now_s = self._clock_s()
        watch.failures = 0
        if answer.in_work and not watch.in_work:
            watch.in_work, watch.waiting_since_s = True, now_s
        since_s = watch.waiting_since_s
        if not watch.in_work:
            since_s = max(since_s, self._last_settled_s)
        if now_s - since_s > self._policy.deadline_s(watch.job.duration_s):
            return self._given_up(watch, f"not done after {now_s - since_s:.0f} s")
        self._watches.put_back(watch, now_s)
        return None

    def _failed_to_ask(self, watch: Watch, error: TransientServiceError) -> Outcome | None:
        watch.failures += 1
        if watch.failures >= self._policy.failures_in_a_row:
            return self._given_up(watch, str(error))
        pause_s = self._policy.pause_after_failure_s(watch.failures, error.retry_after_s)
        due_s = self._clock_s() + pause_s
        if isinstance(error, RateLimitedError):
            self._budget.close_until(due_s)
        self._watches.put_back_until(watch, due_s)
        return None

    def _given_up(self, watch: Watch, why: str) -> Outcome:
        self._settler.at_the_end()
        return unfinished(watch.job, why)


class _Budget:
    """How fast may be asked: so many questions a second, and a second's worth at once."""

    def __init__(self, per_s: float, now_s: float) -> None:
        self._each_s = 1.0 / per_s
        self._spent_until_s = now_s - 1.0
        self._closed_until_s = now_s

    @property
    def free_s(self) -> float:
        """When the next question may be asked."""
        return max(self._spent_until_s, self._closed_until_s)

    def spend(self, now_s: float) -> None:
        """Notes a question."""
        self._spent_until_s = max(self._spent_until_s, now_s - 1.0) + self._each_s

    def close_until(self, moment_s: float) -> None:
        """Lets nobody ask before that moment: the service wants it so."""
        self._closed_until_s = max(self._closed_until_s, moment_s)
