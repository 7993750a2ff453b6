"""How far a run has come, for the Prefect UI and for whoever listens to the log."""

import logging
import time

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from fermata.transcription import Outcome, OutcomeKind
from tasks.artifacts import shown

logger = logging.getLogger(__name__)

PROGRESS_KEY = "calibration-progress"

# A person looks no more often, and each update is a request and a row of the server's.
_UPDATE_EVERY_S = 1.0


class RunProgress:
    """Counts the recordings of a run that are done with; to be used inside its flow."""

    def __init__(self, total: int) -> None:
        """Opens the progress artifact for `total` recordings to be settled."""
        self._total = total
        self._done = 0
        self._shown_at_s = time.monotonic()
        self._artifact_id = shown(
            create_progress_artifact,
            progress=0.0 if total else 100.0,
            key=PROGRESS_KEY,
            description=f"{total:,} recordings to transcribe",
        )

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to settle."""
        return self._done >= self._total

    def settled(self, outcome: Outcome) -> None:
        """Notes an outcome; one that is to be submitted again is not the end of it."""
        if outcome.kind is OutcomeKind.PLANNED_AGAIN:
            logger.info("%s: submitting it again (%s)", outcome.name, outcome.reason)
            return
        self._done += 1
        self._show()
        counts = {"done": self._done, "total": self._total}
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
