"""How one worker gets recordings transcribed: in rounds, uploading while the service works.

At most `max_concurrent_recordings` are at the service at once. While one chunk is uploaded by
the task runner's threads, the flow's own thread polls those submitted before.
"""

import logging
from collections import deque
from typing import Any

from prefect import unmapped
from prefect.futures import PrefectFuture

from config.choices import Engine
from config.services import ServiceAddress, check_service, speech_service
from config.settings import settings
from config.wiring import ledger, storage
from fermata.assemblyai.errors import AuthenticationError, StoppedError
from fermata.errors import FermataError
from fermata.ledger import JobKey
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import WorkItem, Worklist
from fermata.transcription import Outcome, OutcomeKind, PollResult, Submission
from tasks.poll import poll_jobs
from tasks.progress import RunProgress
from tasks.submit import upload_and_submit

logger = logging.getLogger(__name__)

# Half of what may be at the service at once, so that one half is uploaded as the other is polled.
_CHUNKS_IN_FLIGHT = 2


def transcribe_here(worklist: Worklist, engine: Engine) -> dict[JobKey, Unsettled]:
    """Does the same as `transcribe` with the service of `engine`, which runs just as long.

    Where there is nothing to transcribe, no service is started or asked.

    Raises:
        UsageError: the service does not answer or does not take the key, or the data folder
            cannot be written.
    """
    progress = RunProgress(len(worklist.new) + len(worklist.open_jobs))
    if progress.is_complete:
        return {}
    storage().check_writable()
    with speech_service(engine) as service:
        check_service(service)
        return transcribe(worklist, service, progress)


def transcribe(
    worklist: Worklist, service: ServiceAddress, progress: RunProgress
) -> dict[JobKey, Unsettled]:
    """Brings every new and open recording to an end, or says why not.

    Args:
        worklist: what there is to do.
        service: who transcribes.
        progress: told of each recording that is done with.

    Returns:
        The recordings that could not be settled in this run; the ledger and the archive hold
        the others.

    Raises:
        AuthenticationError: the key is wrong, for every recording.
        StoppedError: the run was stopped.
    """
    run = _Transcription(worklist, service, progress)
    while run.goes_on:
        run.next_round()
    return run.unsettled


class _Transcription:
    """The rounds of one run: submit a chunk, and poll meanwhile what was submitted before."""

    def __init__(self, worklist: Worklist, service: ServiceAddress, progress: RunProgress) -> None:
        self.unsettled: dict[JobKey, Unsettled] = {}
        self._service = service
        self._items = {item.key: item for item in worklist.items if isinstance(item, WorkItem)}
        self._waiting = deque(worklist.new)
        self._open = [job.key for job in worklist.open_jobs]
        self._progress = progress
        self._limit = settings().max_concurrent_recordings

    @property
    def goes_on(self) -> bool:
        return bool(self._waiting or self._open)

    def next_round(self) -> None:
        size = min(len(self._waiting), max(1, self._limit // _CHUNKS_IN_FLIGHT))
        chunk = [self._waiting.popleft() for _ in range(size)]
        submissions = upload_and_submit.map(chunk, unmapped(self._service)) if chunk else []
        self._poll(until_open=self._limit - size if chunk else 0)
        for item, submission in zip(chunk, submissions, strict=True):
            self._note(item, submission)

    def _poll(self, until_open: int) -> None:
        if len(self._open) <= until_open:
            return
        result: PollResult = poll_jobs(
            self._open, self._service, until_open, self._progress.settled
        )
        self._open = [job.key for job in result.still_open]
        for outcome in result.settled:
            if outcome.kind is OutcomeKind.PLANNED_AGAIN:
                self._waiting.append(self._items[outcome.key])
            elif outcome.kind is OutcomeKind.UNFINISHED:
                self._leave(outcome)

    def _note(self, item: WorkItem, future: PrefectFuture[Any]) -> None:
        match future.result(raise_on_failure=False):
            case Submission():
                self._open.append(item.key)
            case Outcome() as outcome:
                self._progress.settled(outcome)
                self._leave(outcome)
            case (AuthenticationError() | StoppedError()) as error:
                raise error
            case error:
                self._give_up(item, error)

    def _give_up(self, item: WorkItem, error: object) -> None:
        # A fault of ours in one recording must not sink the others.
        known = isinstance(error, FermataError)
        reason = str(error) if known else f"unexpected {type(error).__name__}: {error}"
        ledger().give_up(item.key, reason)
        outcome = Outcome(item.key, item.name, OutcomeKind.UNFINISHED, None, reason)
        self._progress.settled(outcome)
        self._leave(outcome)

    def _leave(self, outcome: Outcome) -> None:
        reason = outcome.reason or "not settled"
        self.unsettled[outcome.key] = Unsettled(reason, outcome.transcript_id)
