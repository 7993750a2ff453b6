"""Which archived recordings are meant, and what sending them again would cost."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from fermata.errors import UsageError
from fermata.ledger import Ledger
from fermata.runs.archived import Selection, archived
from fermata.runs.estimate import CostEstimate
from fermata.runs.prices import Prices, load_prices
from tests.unit.runs.test_worklist_and_outcome import Bench

TODAY = datetime.now(UTC).date()
PRICES_FILE = Path(__file__).parents[3] / "config" / "prices.toml"
PRICES = Prices(
    source="the list", date=date(2026, 10, 7), usd_per_hour={"cheap": 0.15, "dear": 0.21}
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Bench(tmp_path, ledger)


def estimate(hours: float, usd_per_hour: float | None) -> CostEstimate:
    return CostEstimate(("dear",), 1, hours, usd_per_hour, "the list", 0, ())


def test_of_several_transcripts_of_a_recording_the_newest_counts(bench: Bench) -> None:
    bench.add("call.wav")
    for number, model in enumerate(("universal-2", "slam-1")):
        (item,) = bench.worklist(f"run-{number}", (model,)).new
        bench.complete(item.key, 300, transcript_id=f"t{number}")
    found = archived(Selection(), bench.ledger, bench.storage)
    (job,) = found.jobs
    assert job.speech_models == ("slam-1",)
    assert found.batches == ("run-0-0000", "run-1-0000")
    assert found.worklist.summary == "1 found, 0 new, 1 known"


def test_recordings_that_are_not_transcribed_take_no_part(bench: Bench) -> None:
    bench.add("planned.wav")
    bench.worklist()
    with pytest.raises(UsageError, match="no transcribed recordings"):
        archived(Selection(), bench.ledger, bench.storage)


def test_both_ends_of_the_range_belong_to_it(bench: Bench) -> None:
    bench.add("call.wav")
    (item,) = bench.worklist().new
    bench.complete(item.key, 300)
    around = Selection(TODAY - timedelta(days=1), TODAY + timedelta(days=1), "default")
    (job,) = archived(around, bench.ledger, bench.storage).jobs
    assert job.settled_at is not None
    day = job.settled_at.date()
    assert Selection(day, day).takes(job)
    assert not Selection(since=day + timedelta(days=1)).takes(job)
    assert not Selection(until=day - timedelta(days=1)).takes(job)
    assert not Selection(group="other").takes(job)


def test_a_range_that_ends_before_it_begins_is_wrong_use(bench: Bench) -> None:
    with pytest.raises(UsageError, match="lies after"):
        archived(Selection(TODAY, TODAY - timedelta(days=1)), bench.ledger, bench.storage)


def test_the_dearest_of_the_models_counts_and_an_unknown_one_has_no_price() -> None:
    assert PRICES.dearest(["cheap", "dear"]) == 0.21
    assert PRICES.dearest(["cheap", "new"]) is None


def test_the_price_list_that_comes_along_names_the_models_of_the_settings() -> None:
    assert load_prices(str(PRICES_FILE)).dearest(["universal-3-5-pro", "universal-2"]) is not None


@pytest.mark.parametrize("text", ["usd_per_hour = 3", "no toml", 'source = "x"'])
def test_a_price_list_that_is_none_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match="prices") as error:
        load_prices(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("hours", "usd"), [(0.0, 0.0), (10.0, 2.1), (0.001, 0.01)])
def test_a_cost_is_rounded_up_to_the_cent(hours: float, usd: float) -> None:
    assert estimate(hours, 0.21).usd == usd


def test_only_as_much_as_the_estimate_covers_it() -> None:
    assert estimate(10.0, 0.21).is_covered_by(2.1)
    assert not estimate(10.0, 0.21).is_covered_by(2.09)
    assert not estimate(10.0, 0.21).is_covered_by(None)
    assert not estimate(10.0, None).is_covered_by(1_000.0)
