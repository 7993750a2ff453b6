"""The open jobs, and when each of them is to be asked for."""

import heapq
from dataclasses import dataclass, field

from fermata.transcription.likely import ProcessingTimes
from fermata.transcription.open_jobs import OpenJob
from fermata.transcription.pace import PollPolicy

_SAME_MOMENT_S = 0.001


@dataclass(order=True, slots=True)
class Watch:
    """An open job as it is watched; in a heap the first one due comes first.

    Attributes:
        due_s: When it is to be asked for.
        number: Of two that are due at once, the one that came first is asked for first.
        job: The job.
        since_s: When it came.
        waiting_since_s: Since when it counts as late: since it came, or was taken into work.
        in_work: Whether the service has begun with it.
        not_yet_s: How long after it came it was known not to be done.
        likely_s: How long after it came it was likely to be done, when that was last reckoned.
        late: How many questions since then were answered with "not yet".
        failures: How many questions in a row have failed.
    """

    due_s: float
    number: int
    job: OpenJob = field(compare=False)
    since_s: float = field(compare=False)
    waiting_since_s: float = field(compare=False)
    in_work: bool = field(default=False, compare=False)
    not_yet_s: float = field(default=0.0, compare=False)
    likely_s: float | None = field(default=None, compare=False)
    late: int = field(default=0, compare=False)
    failures: int = field(default=0, compare=False)


class Watches:
    """The open jobs in the order in which they are due; to be used by one thread at a time."""

    def __init__(self, policy: PollPolicy) -> None:
        self._policy = policy
        self._times = ProcessingTimes()
        self._due: list[Watch] = []
        self._count = 0
        self._scout: Watch | None = None

    def add(self, job: OpenJob, now_s: float) -> None:
        """Takes in a job; one of an earlier run may be done long since and is due at once."""
        self._count += 1
        watch = Watch(now_s, self._count, job, since_s=now_s, waiting_since_s=now_s)
        if job.is_new:
            watch.due_s += self._pause_s(watch, 0.0)
        heapq.heappush(self._due, watch)

    def put_back(self, watch: Watch, now_s: float) -> None:
        """Takes in a job again that was not done yet, to be asked for when it may be."""
        watch.not_yet_s = now_s - watch.since_s
        watch.due_s = now_s + self._pause_s(watch, watch.not_yet_s)
        heapq.heappush(self._due, watch)

    def put_back_until(self, watch: Watch, due_s: float) -> None:
        """Takes in a job again whose question failed."""
        watch.due_s = due_s
        heapq.heappush(self._due, watch)

    def done(self, watch: Watch, now_s: float) -> None:
        """Learns from a job that was done, for those that are still watched."""
        if watch.job.is_new:
            self._times.learn(
                watch.job.duration_s, not_yet_s=watch.not_yet_s, done_s=now_s - watch.since_s
            )
            self._reconsider(now_s)
        self.left(watch)

    def left(self, watch: Watch) -> None:
        """Watches a job no longer."""
        if watch is self._scout:
            self._scout = None

    def next_due_s(self) -> float | None:
        """Returns when the next job is due; None where all are being asked for."""
        return self._due[0].due_s if self._due else None

    def pop(self) -> Watch:
        """Returns the job that is due first."""
        return heapq.heappop(self._due)

    def waiting(self) -> list[OpenJob]:
        """Returns the jobs that are not being asked for, as they came."""
        return [watch.job for watch in sorted(self._due, key=lambda watch: watch.number)]

    def _reconsider(self, now_s: float) -> None:
        for watch in self._due:
            if watch.likely_s is None and watch.job.is_new:
                likely_s = self._times.likely_s(watch.job.duration_s)
                if likely_s is not None:
                    watch.likely_s = likely_s
                    watch.due_s = max(now_s, watch.since_s + likely_s)
        heapq.heapify(self._due)

    def _pause_s(self, watch: Watch, since_submission_s: float) -> float:
        duration_s = watch.job.duration_s
        if not watch.job.is_new:
            return self._policy.pause_s(duration_s)
        likely_s = watch.likely_s = self._times.likely_s(duration_s)
        if likely_s is None:
            self._scout = self._scout or watch
            if watch is self._scout:
                return self._policy.scout_pause_s(since_submission_s, duration_s)
            return self._policy.pause_s(duration_s)
        if likely_s - since_submission_s > _SAME_MOMENT_S:
            return likely_s - since_submission_s
        watch.late += 1
        return self._policy.late_pause_s(likely_s, watch.late - 1, duration_s)
