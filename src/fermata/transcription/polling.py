"""Polls all open jobs in one loop, and settles each of them in the ledger."""

import heapq
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fermata.assemblyai.classification import one_line
from fermata.assemblyai.client import AssemblyAIClient, ReceivedTranscript
from fermata.assemblyai.errors import (
    RateLimitedError,
    RequestRejectedError,
    TransientServiceError,
    UnknownTranscriptError,
)
from fermata.assemblyai.models import TranscriptStatus
from fermata.assemblyai.options import LOCAL_ENGINE
from fermata.ledger import Job, JobKey, Ledger
from fermata.transcription.outcomes import Outcome, OutcomeKind
from fermata.transcription.pace import PollPolicy

_FAULTS_OF_THE_SERVICE = ("server error", "download error")
"""Texts of failed jobs that say nothing about the audio, so another try may succeed.

All the others that the service documents do: no audio in the file, too short, not decodable
("Transcoding failed" is what it answers to a file that is not audio).
"""


@dataclass(frozen=True, slots=True)
class PollResult:
    """What became of the jobs: each is either settled in this run, or still open."""

    settled: tuple[Outcome, ...]
    still_open: tuple[Job, ...]


@dataclass(order=True, slots=True)
class _Watch:
    """An open job, and when it is due; in a heap the first one due comes first."""

    due_s: float
    number: int
    job: Job = field(compare=False)
    transcript_id: str = field(compare=False)
    waiting_since_s: float = field(compare=False)
    in_work: bool = field(default=False, compare=False)
    failures: int = field(default=0, compare=False)


def poll(
    jobs: Iterable[Job],
    *,
    client: AssemblyAIClient,
    ledger: Ledger,
    archive: Callable[[JobKey, bytes], object],
    until_open: int = 0,
    policy: PollPolicy | None = None,
    on_settled: Callable[[Outcome], object] = lambda _: None,
    stop: threading.Event | None = None,
    clock_s: Callable[[], float] = time.monotonic,
) -> PollResult:
    """Asks for submitted jobs until few enough are open, and settles them in the ledger.

    Args:
        jobs: Jobs as the ledger gave them; those without a transcript's id are left out.
        client: The service.
        ledger: Where they are settled.
        archive: Keeps a transcript as it was received. Only after it returns is the job
            completed in the ledger.
        until_open: With how many jobs still open to return.
        policy: How often and how long.
        on_settled: Told of every outcome as it comes.
        stop: Ends the polling at once when set; what is open then stays open.
        clock_s: A clock that only goes forward.

    Returns:
        The outcomes in the order they came, and what is still open.

    Raises:
        AuthenticationError: The key is wrong, for every recording.
        LedgerError: The ledger failed.
        Exception: Whatever `archive` or `on_settled` raise.
    """
    loop = _Loop(client, ledger, archive, policy or PollPolicy(), on_settled, clock_s)
    for job in jobs:
        loop.watch(job)
    return loop.run(until_open, stop or threading.Event())


@dataclass(slots=True)
class _Loop:
    """The one loop over all open jobs; it asks for one at a time."""

    client: AssemblyAIClient
    ledger: Ledger
    archive: Callable[[JobKey, bytes], object]
    policy: PollPolicy
    on_settled: Callable[[Outcome], object]
    clock_s: Callable[[], float]
    open: list[_Watch] = field(default_factory=list)
    settled: list[Outcome] = field(default_factory=list)
    not_before_s: float = field(init=False)
    last_settled_s: float = field(init=False)

    def __post_init__(self) -> None:
        """Begins now."""
        self.not_before_s = self.last_settled_s = self.clock_s()

    def watch(self, job: Job) -> None:
        """Takes in a job, to be asked for at once."""
        if job.transcript_id is not None:
            now_s = self.clock_s()
            watch = _Watch(now_s, len(self.open), job, job.transcript_id, now_s)
            heapq.heappush(self.open, watch)

    def run(self, until_open: int, stop: threading.Event) -> PollResult:
        """Asks until at most `until_open` jobs are open."""
        while len(self.open) > until_open:
            due_s = max(self.open[0].due_s, self.not_before_s)
            if stop.wait(max(0.0, due_s - self.clock_s())):
                break
            watch = heapq.heappop(self.open)
            outcome = self._ask(watch)
            if outcome is None:
                heapq.heappush(self.open, watch)
            else:
                self._settle(outcome)
        still_open = sorted(self.open, key=lambda watch: watch.number)
        return PollResult(tuple(self.settled), tuple(watch.job for watch in still_open))

    def _settle(self, outcome: Outcome) -> None:
        self.last_settled_s = self.clock_s()
        self.settled.append(outcome)
        self.on_settled(outcome)

    def _ask(self, watch: _Watch) -> Outcome | None:
        """Asks for one job; returns its outcome, or None and leaves it due again."""
        try:
            received = self.client.transcript(watch.transcript_id)
        except TransientServiceError as error:
            return self._failed_to_ask(watch, error)
        except UnknownTranscriptError as error:
            return self._unknown(watch, error)
        except RequestRejectedError as error:
            return _unfinished(watch, str(error))
        watch.failures = 0
        watch.due_s = self.clock_s() + self.policy.pause_s(watch.job.duration_s)
        return self._answered(watch, received)

    def _answered(self, watch: _Watch, received: ReceivedTranscript) -> Outcome | None:
        match received.answer.status:
            case TranscriptStatus.COMPLETED:
                return self._completed(watch, received)
            case TranscriptStatus.ERROR:
                return self._failed(watch, received.answer.error or "the service gives no reason")
            case TranscriptStatus.PROCESSING if not watch.in_work:
                watch.in_work, watch.waiting_since_s = True, self.clock_s()
        return self._overdue(watch)

    def _completed(self, watch: _Watch, received: ReceivedTranscript) -> Outcome:
        key = watch.job.key
        self.archive(key, received.raw)
        self.ledger.complete(key, watch.transcript_id, received.answer.audio_duration)
        return Outcome(key, watch.job.name, OutcomeKind.COMPLETED, watch.transcript_id, None)

    def _failed(self, watch: _Watch, text: str) -> Outcome:
        permanent = not text.lower().startswith(_FAULTS_OF_THE_SERVICE)
        reason = f"the service could not transcribe it: {one_line(text)}"
        self.ledger.fail(watch.job.key, watch.transcript_id, reason, permanent=permanent)
        return _outcome(watch, OutcomeKind.FAILED, reason)

    def _overdue(self, watch: _Watch) -> Outcome | None:
        """Gives up a job for this run that takes too long.

        A queued job is not late while the queue moves: a free account has five in work at once.
        """
        since_s = watch.waiting_since_s
        if not watch.in_work:
            since_s = max(since_s, self.last_settled_s)
        waited_s = self.clock_s() - since_s
        if waited_s <= self.policy.deadline_s(watch.job.duration_s):
            return None
        return _unfinished(watch, f"not done after {waited_s:.0f} s")

    def _failed_to_ask(self, watch: _Watch, error: TransientServiceError) -> Outcome | None:
        watch.failures += 1
        if watch.failures >= self.policy.failures_in_a_row:
            return _unfinished(watch, str(error))
        pause_s = self.policy.pause_after_failure_s(watch.failures, error.retry_after_s)
        watch.due_s = self.clock_s() + pause_s
        if isinstance(error, RateLimitedError):
            self.not_before_s = watch.due_s
        return None

    def _unknown(self, watch: _Watch, error: UnknownTranscriptError) -> Outcome:
        """Decides about an id the service doesn't know: only what costs nothing starts again."""
        if watch.job.engine == LOCAL_ENGINE:
            self.ledger.plan_again(watch.job.key, watch.transcript_id)
            return _outcome(watch, OutcomeKind.PLANNED_AGAIN, "the local server has forgotten it")
        return _unfinished(
            watch, f"{error}; it was submitted to {watch.job.service}, maybe by another account"
        )


def _unfinished(watch: _Watch, why: str) -> Outcome:
    reason = f"{why}; a later run goes on with transcript {watch.transcript_id}"
    return _outcome(watch, OutcomeKind.UNFINISHED, reason)


def _outcome(watch: _Watch, kind: OutcomeKind, reason: str) -> Outcome:
    return Outcome(watch.job.key, watch.job.name, kind, watch.transcript_id, reason)
