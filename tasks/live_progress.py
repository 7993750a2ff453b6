"""How far a live session has come, for the Prefect UI."""

import time

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from fermata.live.observers import Observer
from fermata.live.report import SessionReport
from fermata.live.turns import HeardTurn
from tasks.artifacts import shown

PROGRESS_KEY = "session-progress"
# The UI asks every few seconds; each update is a request to the server.
_UPDATE_EVERY_S = 3.0


class LiveProgress(Observer):
    """Moves a progress artifact with the turns; to be made inside a flow.

    Args:
        duration_s: the length of the source, where it is known; without it, the artifact only
            says that the session runs or is over.
    """

    def __init__(self, duration_s: float | None) -> None:
        length = f"{duration_s:,.0f} s of audio" if duration_s else "until it is stopped"
        self._duration_s = duration_s
        self._updated_s = time.monotonic()
        self._artifact_id = shown(
            create_progress_artifact,
            progress=0.0,
            key=PROGRESS_KEY,
            description=f"live session, {length}",
        )

    def on_turn(self, turn: HeardTurn) -> None:
        """Moves on to the end of the turn."""
        due = time.monotonic() - self._updated_s > _UPDATE_EVERY_S
        if due and self._duration_s and turn.end_ms:
            self._updated_s = time.monotonic()
            self._move(min(99.0, 100.0 * turn.end_ms / 1000 / self._duration_s))

    def on_end(self, report: SessionReport) -> None:  # noqa: ARG002 - it ends however it went
        """Moves to the end."""
        self._move(100.0)

    def _move(self, percent: float) -> None:
        if self._artifact_id:
            shown(update_progress_artifact, self._artifact_id, progress=percent)
