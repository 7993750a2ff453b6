"""What is said of nights: what moved, since when, and what to do."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from fermata.drift import (
    CallFigures,
    DriftState,
    Measure,
    Performance,
    assess,
    nights_frame,
)
from fermata.drift.chart import students_t
from fermata.storage import Storage
from fermata.tables import read_table, write_batch
from fermata.tables.nights import NIGHTS
from tests.unit.drift.simulated_nights import FIRST_NIGHT, Shift, simulated


def _by_key(findings):
    return {(each.group, each.measure): each for each in findings}


def _with(nights, group, from_night, **columns):
    """The nights with other values for one group from a night on."""
    late = (nights["night"] >= FIRST_NIGHT + timedelta(days=from_night)) & (
        nights["group"] == group
    )
    changed = nights.copy()
    for name, value in columns.items():
        pairs = zip(nights[name], late, strict=True)
        changed[name] = [value if is_late else before for before, is_late in pairs]
    return changed


def test_nights_like_those_before_are_steady():
    found = assess(simulated(1, nights=60, groups=2))
    assert {each.state for each in found} == {DriftState.STEADY}
    assert {each.do for each in found} == {"nothing"}
    assert {each.measure for each in found} == set(Measure)


def test_until_a_baseline_is_learned_it_says_so():
    (gaps, *_) = assess(simulated(1, nights=20))
    assert (gaps.measure, gaps.state, gaps.usual) == (Measure.GAPS, DriftState.STEADY, None)
    assert gaps.saw == "20 of 28 nights to learn what is usual"


def test_longer_gaps_are_told_with_figures_the_night_and_what_to_do():
    nights = simulated(3, nights=75, groups=2, shift=Shift("group-1", 60, 1.3))
    found = _by_key(assess(nights))
    gaps = found["group-1", Measure.GAPS]
    assert gaps.state is DriftState.DRIFTED
    assert timedelta(0) < gaps.since - (FIRST_NIGHT + timedelta(days=60)) < timedelta(days=7)
    assert gaps.now / gaps.usual == pytest.approx(1.3, rel=0.1)
    assert "calibrate" in gaps.do
    assert found["group-0", Measure.GAPS].state is DriftState.STEADY
    assert found["group-1", Measure.PAUSES].state is DriftState.STEADY


def test_what_is_back_for_some_nights_is_steady_again():
    nights = simulated(3, nights=110, shift=Shift("group-0", 60, 1.4))
    late = nights["night"] >= FIRST_NIGHT + timedelta(days=75)
    nights.loc[late, "typical_gap_ms"] /= 1.4
    gaps = _by_key(assess(nights))["group-0", Measure.GAPS]
    assert gaps.state is DriftState.STEADY
    assert gaps.since > FIRST_NIGHT + timedelta(days=75 + 5)


def test_one_odd_night_is_no_drift():
    nights = simulated(4, nights=61, shift=Shift("group-0", 60, 5.0))
    assert _by_key(assess(nights))["group-0", Measure.GAPS].state is not DriftState.DRIFTED


def test_another_recogniser_is_told_on_the_second_night():
    other = [{"engine": "assemblyai", "speech_model": "slam-1", "recordings": 30}]
    nights = simulated(5, nights=12)
    first = assess(_with(nights, "group-0", 11, recognisers=other))
    assert first[-1].state is DriftState.WATCHING
    second = assess(_with(nights, "group-0", 10, recognisers=other))[-1]
    assert (second.measure, second.state) == (Measure.RECOGNISER, DriftState.DRIFTED)
    assert second.saw == "100 % transcribed by assemblyai slam-1; before by assemblyai universal"


def test_the_first_night_has_no_before():
    first, second = (assess(simulated(5, nights=nights))[-1] for nights in (1, 2))
    assert first.saw == "transcribed by assemblyai universal"
    assert second.saw == "transcribed by assemblyai universal, as before"


def test_clocks_that_run_apart_are_told():
    nights = _with(simulated(6, nights=60), "group-0", 50, clock_off_share=0.4)
    assert _by_key(assess(nights))["group-0", Measure.CLOCK].state is DriftState.DRIFTED


def test_a_group_that_calls_no_more_changes_the_mix():
    nights = simulated(7, nights=60, groups=3)
    gone = (nights["group"] == "group-2") & (nights["night"] >= FIRST_NIGHT + timedelta(days=50))
    found = _by_key(assess(nights[~gone]))
    assert found["group-2", Measure.MIX].state is DriftState.DRIFTED
    assert found["group-2", Measure.GAPS].state is DriftState.STEADY


def test_the_order_of_rows_means_nothing():
    nights = simulated(8, nights=50, groups=2)
    shuffled = nights.sample(frac=1, random_state=1)
    assert assess(shuffled) == assess(nights)


def test_two_runs_in_one_night_count_as_one_night():
    nights = simulated(9, nights=40)
    doubled = pd.concat([nights, nights])
    assert _by_key(assess(doubled))["group-0", Measure.GAPS].nights == 40


def test_no_nights_give_no_findings():
    assert assess(NIGHTS.schema.empty_table().to_pandas()) == ()


@pytest.mark.parametrize(
    ("probability", "freedom", "quantile"),
    # From the tables of Student's t.
    [(0.975, 10, 2.228), (0.9995, 10, 4.587), (0.9995, 20, 3.850), (0.995, 30, 2.750)],
)
def test_the_quantiles_are_those_of_the_tables(probability, freedom, quantile):
    assert students_t(probability, freedom) == pytest.approx(quantile, rel=0.03)


def _call(group, gaps, pauses, model="universal", off_ms=0):
    return CallFigures(
        recording_id=f"{group}-{gaps}",
        options_hash="o",
        group=group,
        gaps_ms=np.array(gaps, dtype=np.int64),
        pauses_ms=np.array(pauses, dtype=np.int64),
        engine="assemblyai",
        speech_model=model,
        clock_talk_ms=1_000,
        clock_talk_off_ms=off_ms,
        clock_offset_ms=-2_000 if off_ms else None,
    )


def test_a_nights_rows_tell_of_each_group_and_of_all(tmp_path):
    calls = [
        _call("ivr", [100, 400], [300]),
        _call("ivr", [800], [], off_ms=500),
        _call("support", [], [600, 600], model=None),
    ]
    replayed = {"ivr": Performance(160, 400, 12, 0.25, 300.0)}
    storage = Storage(str(tmp_path))
    write_batch(storage, NIGHTS, "run-1", nights_frame("run-1", FIRST_NIGHT, calls, replayed))
    rows = read_table(storage, NIGHTS).set_index("group")
    assert list(rows.index) == ["*", "ivr", "support"]
    assert list(rows["recordings"]) == [3, 2, 1]
    assert set(rows["recordings_of_night"]) == {3}
    # A call counts once: the geometric mean of 200 and 800.
    assert rows["typical_gap_ms"]["ivr"] == pytest.approx(400)
    assert rows["average_gap_ms"]["ivr"] == pytest.approx(1_300 / 3)
    assert pd.isna(rows["typical_gap_ms"]["support"])
    assert rows["pauses"]["*"] == 3
    assert (rows["clock_off_share"]["ivr"], rows["clock_offset_ms"]["ivr"]) == (0.25, 2_000)
    assert (rows["cut_in_rate"]["ivr"], rows["turns"]["ivr"]) == (0.25, 12)
    assert pd.isna(rows["cut_in_rate"]["*"])
    assert assess(rows.reset_index())


def test_a_night_without_new_calls_says_so_and_changes_no_finding():
    (row,) = nights_frame("run-x", FIRST_NIGHT + timedelta(days=40), ()).to_pylist()
    assert (row["group"], row["recordings"], row["counted"]) == ("*", 0, [])
    nights = simulated(1, nights=40, groups=2)
    with_it = pd.concat([nights, pd.DataFrame([row])], ignore_index=True)
    assert assess(with_it) == assess(nights)
