"""A data folder in which runs are calibrated and published."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from fermata.calibration import (
    PublishedBy,
    RecordingOutcome,
    calibrate,
    load_presets,
    publish,
    read_latest,
    write_calibration,
)
from fermata.storage import Storage

PRESETS = load_presets(Path(__file__).parents[3] / "config" / "presets.toml")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
QUICK_MS, USUAL_MS, SLOW_MS = 100, 700, 3_000


class Folder:
    """Runs of one recording per group, each with one gap; None is a recording without.

    `runs` is how many there were before.
    """

    def __init__(self, root: Path | str, runs: int = 0) -> None:
        self.storage = Storage(str(root))
        self._runs = runs

    def calibrate(
        self, gap_ms_by_group: Mapping[str, int | None], run_id: str = "", scope: str = ""
    ) -> str:
        """Adds a run to the table and leaves `latest.json` alone; returns the run's id."""
        by_group = {group: {group: gap} for group, gap in gap_ms_by_group.items()}
        return self.calibrate_on(by_group, run_id, scope)

    def calibrate_on(
        self,
        recordings: Mapping[str, Mapping[str, int | None]],
        run_id: str = "",
        scope: str = "",
    ) -> str:
        """The same with the recordings of each group, and the gap of each."""
        self._runs += 1
        run_id = run_id or f"run-{self._runs}"
        gaps = pd.DataFrame(
            [
                (name, "o", gap)
                for of_group in recordings.values()
                for name, gap in of_group.items()
                if gap is not None
            ],
            columns=["recording_id", "options_hash", "gap_ms"],
        )
        calibration = calibrate(
            run_id=run_id,
            chosen_at=self.chosen_at(),
            outcomes=[
                RecordingOutcome(name, "o", group, 2)
                for group, of_group in recordings.items()
                for name in of_group
            ],
            gaps=gaps.astype({"gap_ms": "int64"}),
            presets=PRESETS,
            speech_model="u3-rt-pro",
            scope=scope,
        )
        write_calibration(self.storage, calibration)
        return run_id

    def chosen_at(self) -> datetime:
        """An hour after the run before."""
        return NOON + timedelta(hours=self._runs)

    def publish(
        self,
        gap_ms_by_group: Mapping[str, int | None],
        by: PublishedBy = PublishedBy.AUTOMATIC,
        run_id: str = "",
    ) -> str:
        """Adds a run and publishes it."""
        run_id = self.calibrate(gap_ms_by_group, run_id)
        publish(self.storage, PRESETS, run_id, by=by, reason="a test")
        return run_id

    @property
    def runs(self) -> dict[str, str]:
        """What streaming clients read: by group, the run whose choice it is."""
        latest = read_latest(self.storage)
        assert latest is not None
        return {
            "*": latest.overall.run_id,
            **{name: each.run_id for name, each in latest.groups.items()},
        }
