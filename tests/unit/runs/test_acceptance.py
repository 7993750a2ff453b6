"""Which publications accept a movement: those of a person, and those that set something else."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from fermata.calibration import MAIN, PublishedBy, roll_back
from fermata.runs.acceptance import accepted_on
from tests.unit.calibration.publishing_folder import PRESETS, QUICK_MS, SLOW_MS, Folder

FIRST, SECOND, THIRD = (date(2026, 5, day) for day in (4, 5, 6))
AUTOMATIC, APPROVED = PublishedBy.AUTOMATIC, PublishedBy.APPROVED


class Nights(Folder):
    """Runs of nights, published or not."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.rows: list[dict[str, object]] = []

    def chosen_at(self) -> datetime:
        return datetime.now(UTC)

    def night(self, on: date, gap_ms: int, by: PublishedBy | None = AUTOMATIC) -> None:
        """A night's run, published by somebody or by nobody."""
        gaps = {"ivr": gap_ms}
        run_id = self.publish(gaps, by) if by else self.calibrate(gaps)
        self.rows.append({"run_id": run_id, "night": on})

    @property
    def accepted(self) -> dict[str, tuple[date, ...]]:
        frame = pd.DataFrame(self.rows, columns=["run_id", "night"])
        return accepted_on(frame, self.storage, MAIN)


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_other_settings_accept_what_their_own_night_told(nights: Nights) -> None:
    nights.night(FIRST, QUICK_MS)
    nights.night(SECOND, SLOW_MS)
    assert nights.accepted == {"*": (FIRST, SECOND), "ivr": (FIRST, SECOND)}


def test_the_same_settings_once_more_accept_nothing(nights: Nights) -> None:
    nights.night(FIRST, QUICK_MS)
    nights.night(SECOND, QUICK_MS + 1)
    assert nights.accepted["ivr"] == (FIRST,)


def test_what_a_person_approved_or_calibrated_accepts_what_was_told_by_then(
    nights: Nights,
) -> None:
    nights.night(FIRST, QUICK_MS)
    nights.night(SECOND, QUICK_MS)
    nights.publish({"ivr": QUICK_MS})
    nights.night(THIRD, QUICK_MS, APPROVED)
    assert nights.accepted["ivr"] == (FIRST, SECOND, THIRD)


def test_a_night_that_was_not_approved_accepts_nothing(nights: Nights) -> None:
    nights.night(FIRST, QUICK_MS)
    nights.night(SECOND, SLOW_MS, by=None)
    assert nights.accepted["ivr"] == (FIRST,)


def test_going_back_accepts_nothing(nights: Nights) -> None:
    nights.night(FIRST, QUICK_MS)
    nights.night(SECOND, SLOW_MS)
    nights.night(THIRD, SLOW_MS)
    roll_back(nights.storage, PRESETS, nights.rows[0]["run_id"], scope=MAIN)
    assert nights.accepted["ivr"] == (FIRST, SECOND)


def test_a_night_that_is_run_once_more_after_a_publication_is_not_accepted_by_it(
    nights: Nights,
) -> None:
    nights.night(FIRST, QUICK_MS)
    assert nights.accepted["ivr"] == (FIRST,)
    nights.night(FIRST, QUICK_MS)
    assert "ivr" not in nights.accepted


def test_without_nights_or_publications_nothing_is_accepted(nights: Nights) -> None:
    assert nights.accepted == {}
    nights.publish({"ivr": QUICK_MS})
    assert nights.accepted == {}
