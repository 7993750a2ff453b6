"""How far a run has come, for the Prefect UI and for whoever listens to the log."""

import logging
import time
from collections.abc import Mapping

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from fermata.ledger import JobKey
from fermata.transcription import Outcome, OutcomeKind
from tasks.artifacts import shown

logger = logging.getLogger(__name__)

PROGRESS_KEY = "calibration-progress"

# A person looks no more often, and each update is a request and a row of the server's.
_UPDATE_EVERY_S = 1.0


class RunProgress:
    """Counts the recordings of a run that are done with; to be used inside its flow."""

    def __init__(self, lengths_s: Mapping[JobKey, float | None]) -> None:
        """Opens the progress artifact.

        Args:
            lengths_s: how long each recording is that is to be settled; None where unknown.
        """
        self._lengths_s = lengths_s
        known_s = [each for each in lengths_s.values() if each is not None]
        self._total = total = len(lengths_s)
        self._total_s = sum(known_s) if len(known_s) == total else None
        self._done = 0
        self._done_s = 0.0
        self._shown_at_s = time.monotonic()
        self._artifact_id = shown(
            create_progress_artifact,
            progress=0.0 if total else 100.0,
            key=PROGRESS_KEY,
            description=f"{total:,} recordings to transcribe",
        )
        if total:
            logger.info("%d recordings to transcribe", total, extra=self._counts)

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to settle."""
        return self._done >= self._total

    @property
    def _counts(self) -> dict[str, float | None]:
        return {
            "done": self._done,
            "total": self._total,
            "done_s": self._done_s,
            "total_s": self._total_s,
        }

    def settled(self, outcome: Outcome) -> None:
        """Notes an outcome; one that is to be submitted again is not the end of it."""
        if outcome.kind is OutcomeKind.PLANNED_AGAIN:
            logger.info("%s: submitting it again (%s)", outcome.name, outcome.reason)
            return
        self._done += 1
        self._done_s += self._lengths_s.get(outcome.key) or 0.0
        self._show()
        counts = self._counts
        if outcome.kind is OutcomeKind.COMPLETED:
            logger.info("%s: transcribed", outcome.name, extra=counts)
        elif outcome.kind is OutcomeKind.IN_DOUBT:
            logger.warning("%s: %s", outcome.name, outcome.reason, extra=counts)
        else:
            logger.warning("%s: failed: %s", outcome.name, outcome.reason, extra=counts)

    def _show(self) -> None:
        now_s = time.monotonic()
        if self.is_complete or now_s - self._shown_at_s >= _UPDATE_EVERY_S:
            self._shown_at_s = now_s
            done = 100.0 * self._done / self._total
            if self._artifact_id:
                shown(update_progress_artifact, self._artifact_id, progress=done)
