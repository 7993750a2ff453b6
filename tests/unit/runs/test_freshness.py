"""Whether a night has something to do: by what was calibrated, not by when something was."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fermata.calibration import ChooseBy, RecordingOutcome, calibrate, write_calibration
from fermata.ledger import Ledger
from fermata.replay import Assumptions
from fermata.runs.choosing import Choosing
from fermata.runs.freshness import is_up_to_date, uncalibrated
from fermata.runs.tabulate import batches_to_tabulate, tabulate
from fermata.runs.worklist import Worklist
from fermata.tables import positive_gaps
from fermata.thresholds import parse_goal
from tests.unit.calibration.publishing_folder import PRESETS
from tests.unit.runs.test_worklist_and_outcome import Bench

ASKED = Choosing(
    choose_by=ChooseBy.AUTO,
    goal=parse_goal(""),
    customer=None,
    speech_model="u3-rt-pro",
    assumptions=Assumptions(),
    assumed_from="a test",
)


class Nights(Bench):
    """Recordings that are transcribed at once, and calibrated or not."""

    def transcribe(self, *names: str) -> Worklist:
        for name in names:
            self.add(name)
        for item in self.worklist().new:
            self.complete(item.key, 300, 700)
        for batch in batches_to_tabulate(self.storage, self.ledger):
            tabulate(batch, self.storage, self.ledger)
        return self.worklist("next")

    def only(self, worklist: Worklist, group: str) -> Worklist:
        """What a run over one folder finds."""
        items = tuple(each for each in worklist.items if each.recording.group == group)
        return replace(worklist, items=items)

    def calibrate(self, worklist: Worklist, days_ahead: int = 1) -> None:
        fresh = uncalibrated(worklist, self.ledger)
        found = (
            RecordingOutcome(each.key.recording_id, each.key.options_hash, group, 3)
            for each in worklist.items
            for group in [each.recording.group]
        )
        made = calibrate(
            run_id=f"run-{len(list(self.storage.list('calibrations', '.parquet')))}",
            # Ahead of the ledger's clock: a clock is not to be asked.
            chosen_at=datetime.now(UTC) + timedelta(days=days_ahead),
            outcomes=found,
            gaps=positive_gaps(self.storage, (each.key for each in worklist.items)),
            presets=PRESETS,
            speech_model="u3-rt-pro",
            scope=worklist.scope.name,
        )
        write_calibration(self.storage, made)
        self.ledger.calibrated.mark(worklist.scope.name, fresh)
        self.ledger.calibrated.keep_asked(
            worklist.scope.name, worklist.groups.values(), ASKED.asked
        )

    def is_up_to_date(self, worklist: Worklist, asked: Choosing | None = None) -> bool:
        return is_up_to_date(worklist, self.ledger, self.storage, asked or ASKED)


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Nights(tmp_path, ledger)


def test_what_was_calibrated_needs_no_second_time(nights: Nights) -> None:
    worklist = nights.transcribe("ivr/a.wav", "support/b.wav")
    assert not nights.is_up_to_date(worklist)
    nights.calibrate(worklist)
    assert nights.is_up_to_date(worklist)


def test_a_calibration_of_another_folder_hides_nothing(nights: Nights) -> None:
    worklist = nights.transcribe("ivr/a.wav", "support/b.wav")
    nights.calibrate(nights.only(worklist, "support"))
    assert not nights.is_up_to_date(worklist)
    assert [job.group for job in uncalibrated(worklist, nights.ledger)] == ["ivr"]
    assert nights.is_up_to_date(nights.only(worklist, "support"))


def test_a_clock_that_goes_backwards_does_not_calibrate_every_night(nights: Nights) -> None:
    worklist = nights.transcribe("ivr/a.wav")
    nights.calibrate(worklist, days_ahead=-1)
    assert nights.is_up_to_date(worklist)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"goal": parse_goal("mid-sentence <= 5 %")},
        {"choose_by": ChooseBy.AVERAGE_GAP},
        {"customer": "2"},
        {"speech_model": "universal-streaming-english"},
        {"assumptions": Assumptions(complete_read_as_open=0.3)},
    ],
    ids=lambda each: next(iter(each)),
)
def test_what_was_calibrated_for_something_else_is_calibrated_anew(
    nights: Nights, otherwise: dict[str, Any]
) -> None:
    worklist = nights.transcribe("ivr/a.wav")
    nights.calibrate(worklist)
    assert nights.is_up_to_date(worklist)
    assert not nights.is_up_to_date(worklist, replace(ASKED, **otherwise))


def test_recordings_that_are_gone_are_no_news(nights: Nights) -> None:
    worklist = nights.transcribe("ivr/a.wav", "support/b.wav")
    nights.calibrate(worklist)
    (nights.recordings / "support" / "b.wav").unlink()
    assert nights.is_up_to_date(nights.worklist("next"))


def test_a_folder_of_another_name_is_calibrated_by_it(nights: Nights) -> None:
    nights.calibrate(nights.transcribe("ivr/a.wav"))
    (nights.recordings / "ivr").rename(nights.recordings / "sales")
    assert not nights.is_up_to_date(nights.worklist("next"))


def test_a_job_that_was_settled_anew_is_calibrated_anew(nights: Nights) -> None:
    nights.add("ivr/a.wav")
    (item,) = nights.worklist().new
    nights.ledger.give_up(item.key, "the network was away")
    failed = nights.worklist("second")
    nights.ledger.calibrated.mark(failed.scope.name, uncalibrated(failed, nights.ledger))
    nights.complete(item.key, 300)
    tabulate(nights.ledger.job(item.key).batch, nights.storage, nights.ledger)
    found = uncalibrated(nights.worklist("third"), nights.ledger)
    assert [job.key for job in found] == [item.key]


def test_a_folder_of_unusable_files_is_not_up_to_date(nights: Nights) -> None:
    nights.calibrate(nights.transcribe("ivr/a.wav"))
    assert not nights.is_up_to_date(Worklist((), (), (), (), ()))
