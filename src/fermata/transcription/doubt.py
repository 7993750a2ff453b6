"""Settles a doubt: a submission was sent, or about to be, and nobody knows its answer."""

import logging
import threading
from collections import Counter
from dataclasses import dataclass
from time import monotonic

from fermata.assemblyai.client import AssemblyAIClient
from fermata.assemblyai.errors import RequestRejectedError, StoppedError
from fermata.assemblyai.models import ListedTranscript
from fermata.ledger import JobKey, Ledger
from fermata.transcription.errors import SubmissionInDoubtError

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DoubtPolicy:
    """How a submission is looked for, and when it is believed never to have been accepted.

    The service does not say how soon it lists what it has accepted; 15 s were met. So a run looks
    for minutes, and does not send again what may only be listed late. By the time of a later run
    absence from the list tells something.

    Attributes:
        believed_s: How long after the attempt its absence from the list is believed.
        run_looks_s: How long a run keeps looking before it leaves the doubt to a later one.
        call_looks_s: How long one call does; the run goes on with others between two calls.
        first_pause_s: The pause between the first two looks; each is twice as long as before.
        longest_pause_s: No pause is longer.
        upload_margin_s: How much longer ago than the attempt a submission of an upload may have
            been created. An upload's address is used once, so this only has to cover a clock
            that was set in between.
        web_margin_s: The same for a web address, which others may submit too; covers the whole
            seconds of the HTTP `Date` that the time is counted back from, and clocks that drift.
    """

    believed_s: float = 600.0
    run_looks_s: float = 120.0
    call_looks_s: float = 2.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 20.0
    upload_margin_s: float = 3600.0
    web_margin_s: float = 30.0

    def pause_s(self, looks: int) -> float:
        """Returns the pause after so many looks."""
        return min(self.first_pause_s * 2.0 ** min(looks - 1, 60), self.longest_pause_s)


class Doubts:
    """The doubts of one run: when to look again, and when to leave them to a later run."""

    def __init__(self, policy: DoubtPolicy) -> None:
        self._policy = policy
        self._since_s: dict[JobKey, float] = {}
        self._looks: Counter[JobKey] = Counter()
        self._due_s: dict[JobKey, float] = {}

    def is_worth_a_look(self, key: JobKey) -> bool:
        """Notes a doubt after a look that told nothing; says whether this run looks again."""
        now_s = monotonic()
        left_s = self._since_s.setdefault(key, now_s) + self._policy.run_looks_s - now_s
        if left_s <= 0:
            return False
        self._looks[key] += 1
        self._due_s[key] = now_s + min(self._policy.pause_s(self._looks[key]), left_s)
        return True

    def next_s(self) -> float | None:
        """Returns how long it is to the next look; None where there is none."""
        if not self._due_s:
            return None
        return max(0.0, min(self._due_s.values()) - monotonic())

    def due(self) -> list[JobKey]:
        """Returns the jobs that are to be looked for now."""
        now_s = monotonic()
        due = [key for key, due_s in self._due_s.items() if due_s <= now_s]
        for key in due:
            del self._due_s[key]
        return due


def find_accepted(
    key: JobKey,
    audio_url: str,
    *,
    client: AssemblyAIClient,
    ledger: Ledger,
    margin_s: float,
    policy: DoubtPolicy,
    stop: threading.Event,
) -> str | None:
    """Asks the service what became of the last attempt to submit a job.

    Only what was created since the attempt counts, and nothing that another job already has. Of
    several the newest is taken: the others were there before.

    Args:
        key: The job.
        audio_url: The address that was submitted.
        client: The service.
        ledger: Where the attempt was noted.
        margin_s: How much longer ago than the attempt to look back.
        policy: When to believe that there is nothing to be found.
        stop: Ends all waiting when set.

    Returns:
        The accepted transcript's id; None when the attempt was surely not accepted.

    Raises:
        SubmissionInDoubtError: It can't be known yet, or the service refuses to tell.
        ServiceError: The service can't be asked: the doubt remains.
        StoppedError: The run was stopped: the doubt remains.
    """
    begun_s, looks = monotonic(), 0
    while (age_s := ledger.job(key).attempted_ago_s) is not None:
        # The time waited here counts too, should the database's clock have been set back.
        age_s = max(age_s, monotonic() - begun_s)
        listed = _listed(client, audio_url, age_s + margin_s)
        held = ledger.held_transcripts(item.id for item in listed)
        if accepted := [item.id for item in listed if item.id not in held]:
            _logger.info("transcript %s had been accepted before", accepted[-1])
            return accepted[-1]
        if age_s >= policy.believed_s:
            return None
        if monotonic() - begun_s >= policy.call_looks_s:
            raise SubmissionInDoubtError(
                f"a submission was cut off {age_s:.0f} s ago and may have been accepted, but the "
                "service does not list it: nothing is sent again before a run "
                f"{policy.believed_s / 60:.0f} min after it, which settles that"
            )
        looks += 1
        if stop.wait(policy.pause_s(looks)):
            raise StoppedError("stopped while a submission was in doubt; start again to go on")
    return None


def _listed(
    client: AssemblyAIClient, audio_url: str, within_s: float
) -> tuple[ListedTranscript, ...]:
    try:
        return client.find_submissions(audio_url, within_s=within_s)
    except RequestRejectedError as error:
        # A refused question is no answer, and must not pass for a refused submission.
        raise SubmissionInDoubtError(
            f"a submission was cut off and may have been accepted, but {error}: try again later"
        ) from error
