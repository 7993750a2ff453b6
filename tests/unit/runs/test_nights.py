"""A night set beside those before: what a publication accepted is learned anew."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from fermata.calibration import MAIN
from fermata.drift import DriftFinding, DriftState, Measure, assess
from fermata.ledger import Ledger
from fermata.runs.nights import keep_night
from fermata.tables import read_table, write_batch
from fermata.tables.nights import NIGHTS
from tests.unit.calibration.publishing_folder import QUICK_MS, SLOW_MS, Folder
from tests.unit.drift.simulated_nights import FIRST_NIGHT, Shift, simulated
from tests.unit.runs.test_freshness import Nights

NOW = FIRST_NIGHT + timedelta(days=80)


class Kept(Folder):
    """Eighty nights of which the last twenty are slower, and runs of now."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        shift = Shift("group-0", 60, 1.3)
        frame = simulated(3, nights=80, shift=shift).assign(gaps=1, pauses=1)
        rows = pa.Table.from_pylist(frame.to_dict("records"), schema=NIGHTS.schema)
        write_batch(self.storage, NIGHTS, "simulated", rows)
        (told,) = [each.since for each in assess(self.nights) if each.measure is Measure.GAPS]
        self.told = f"run-{(told - FIRST_NIGHT).days}"

    @property
    def nights(self) -> pd.DataFrame:
        return read_table(self.storage, NIGHTS)

    def chosen_at(self) -> datetime:
        return datetime.now(UTC)

    def gaps(self) -> DriftFinding:
        """What is said of the gaps by a night without new calls."""
        found = keep_night("now", NOW, {}, None, self.storage, scope=MAIN)
        (gaps,) = [each for each in found if each.measure is Measure.GAPS]
        return gaps


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Nights]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Nights(tmp_path, ledger)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_a_shift_stays_told_as_long_as_the_settings_stay(kept: Kept) -> None:
    kept.publish({"group-0": QUICK_MS})
    kept.publish({"group-0": QUICK_MS}, run_id=kept.told)
    assert kept.gaps().state is DriftState.DRIFTED


def test_other_settings_make_the_level_since_then_the_usual_one(kept: Kept) -> None:
    kept.publish({"group-0": QUICK_MS})
    kept.publish({"group-0": SLOW_MS}, run_id=kept.told)
    gaps = kept.gaps()
    assert gaps.state is DriftState.STEADY
    assert gaps.saw.endswith("of 28 nights to learn anew what is usual")


def test_a_night_that_makes_up_for_a_killed_one_counts_its_calls_once(bench: Nights) -> None:
    first = bench.transcribe("ivr/a.wav", "support/b.wav").groups
    keep_night("killed", NOW, first, None, bench.storage, scope=MAIN)
    both = bench.transcribe("ivr/c.wav").groups
    keep_night("next", NOW + timedelta(days=1), both, None, bench.storage, scope=MAIN)
    keep_night("next", NOW + timedelta(days=1), both, None, bench.storage, scope=MAIN)
    rows = read_table(bench.storage, NIGHTS).set_index(["run_id", "group"])["recordings"]
    assert rows.to_dict() == {
        ("killed", "*"): 2,
        ("killed", "ivr"): 1,
        ("killed", "support"): 1,
        ("next", "*"): 1,
        ("next", "ivr"): 1,
    }


def test_a_night_that_finds_all_its_calls_counted_is_known_as_a_night(bench: Nights) -> None:
    groups = bench.transcribe("ivr/a.wav").groups
    for run_id in ("killed", "next"):
        keep_night(run_id, NOW, groups, None, bench.storage, scope=MAIN)
    rows = read_table(bench.storage, NIGHTS)
    (again,) = rows[rows["run_id"] == "next"].to_dict("records")
    assert (again["group"], again["recordings"]) == ("*", 0)
