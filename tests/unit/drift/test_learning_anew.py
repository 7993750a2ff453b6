"""After what moved was accepted, the new level is the usual one, and the next shift is told."""

from datetime import date, timedelta

import pandas as pd
import pytest

from fermata.drift import DriftFinding, DriftState, Measure, assess
from fermata.drift.phases import first_accepted
from tests.unit.drift.simulated_nights import FIRST_NIGHT, Shift, simulated

GAPS = "group-0", Measure.GAPS


def on(night: int) -> date:
    return FIRST_NIGHT + timedelta(days=night)


def shifted(first: int, second: int, factor: float, nights: int) -> pd.DataFrame:
    """Gaps that become longer twice."""
    made = simulated(3, nights=nights, shift=Shift("group-0", first, factor))
    made.loc[made["night"] >= on(second), "typical_gap_ms"] *= factor
    return made


def found(
    nights: pd.DataFrame, until: int, accepted: dict[str, list[date]] | None = None
) -> dict[tuple[str, Measure], DriftFinding]:
    """What was said after a night."""
    seen = nights[nights["night"] <= on(until)]
    return {(each.group, each.measure): each for each in assess(seen, accepted=accepted)}


def test_what_nobody_accepted_stays_drifted() -> None:
    nights = shifted(60, 130, 1.3, 140)
    state = found(nights, 139)[GAPS]
    assert state.state is DriftState.DRIFTED
    assert on(60) < state.since < on(70)


def test_what_was_accepted_is_quiet_and_a_second_shift_is_told() -> None:
    nights = shifted(60, 130, 1.3, 150)
    told = found(nights, 70)[GAPS].since
    accepted = {"group-0": [told]}
    learning = found(nights, 80, accepted)[GAPS]
    assert (learning.state, learning.usual) == (DriftState.STEADY, None)
    assert learning.saw.endswith("of 28 nights to learn anew what is usual")
    quiet = [found(nights, night, accepted)[GAPS] for night in range(100, 130, 7)]
    assert {each.state for each in quiet} == {DriftState.STEADY}
    assert quiet[0].usual == pytest.approx(1.3 * found(nights, 70)[GAPS].usual, rel=0.05)
    second = found(nights, 145, accepted)[GAPS]
    assert second.state is DriftState.DRIFTED
    assert on(130) < second.since < on(140)


def test_each_shift_must_be_accepted_by_itself() -> None:
    nights = shifted(60, 130, 1.3, 200)
    first = found(nights, 75)[GAPS].since
    second = found(nights, 145, {"group-0": [first]})[GAPS].since
    last = found(nights, 199, {"group-0": [first, second]})[GAPS]
    assert last.state is DriftState.STEADY
    assert last.usual == pytest.approx(1.69 * found(nights, 58)[GAPS].usual, rel=0.05)


def test_what_was_decided_before_a_shift_was_told_accepts_nothing() -> None:
    nights = shifted(60, 999, 1.3, 80)
    told = found(nights, 79)[GAPS].since
    every_night_before = [on(night) for night in range((told - FIRST_NIGHT).days)]
    state = found(nights, 79, {"group-0": every_night_before})[GAPS]
    assert (state.state, state.since) == (DriftState.DRIFTED, told)


def test_steady_nights_are_not_learned_anew_by_new_settings() -> None:
    nights = simulated(3, nights=60)
    accepted = {"group-0": [on(night) for night in range(60)]}
    assert found(nights, 59, accepted) == found(nights, 59)


def test_clocks_that_run_apart_are_never_usual() -> None:
    nights = simulated(6, nights=80)
    nights.loc[nights["night"] >= on(50), "clock_off_share"] = 0.4
    accepted = {name: [on(night) for night in range(80)] for name in ("group-0", "*")}
    assert found(nights, 79, accepted)["group-0", Measure.CLOCK].state is DriftState.DRIFTED


def test_a_mix_is_accepted_with_the_settings_of_all() -> None:
    nights = simulated(7, nights=80, groups=3)
    nights = nights[(nights["group"] != "group-2") | (nights["night"] < on(50))]
    late = [on(night) for night in range(65, 80)]
    by_itself = found(nights, 79, {"group-2": late})["group-2", Measure.MIX]
    assert by_itself.state is DriftState.DRIFTED
    with_all = found(nights, 79, {"*": late})["group-2", Measure.MIX]
    assert with_all.state is DriftState.STEADY


def by_another_recogniser(nights: pd.DataFrame, since: int, factor: float) -> pd.DataFrame:
    other = [{"engine": "assemblyai", "speech_model": "slam-1", "recordings": 30}]
    late = nights["night"] >= on(since)
    made = nights.copy()
    made.loc[late, "typical_gap_ms"] *= factor
    pairs = zip(nights["recognisers"], late, strict=True)
    made["recognisers"] = [other if is_late else before for before, is_late in pairs]
    return made


def test_another_recogniser_is_told_alone_and_gaps_are_learned_anew() -> None:
    nights = by_another_recogniser(simulated(3, nights=110), 60, 1.5)
    for night in range(61, 110, 6):
        after = found(nights, night)
        assert after["group-0", Measure.RECOGNISER].state is DriftState.DRIFTED
        assert after[GAPS].state is not DriftState.DRIFTED
    assert found(nights, 109)[GAPS].usual == pytest.approx(
        1.5 * found(nights, 59)[GAPS].usual, rel=0.05
    )


def test_an_accepted_recogniser_is_the_usual_one() -> None:
    before = simulated(3, nights=90)
    nights = by_another_recogniser(before, 60, 1.0)
    back = pd.concat([nights[nights["night"] < on(80)], before[before["night"] >= on(80)]])
    accepted = {"group-0": [on(63)]}
    quiet = found(back, 79, accepted)["group-0", Measure.RECOGNISER]
    assert quiet.state is DriftState.STEADY
    assert quiet.saw == "transcribed by assemblyai slam-1, as before"
    again = found(back, 89, accepted)["group-0", Measure.RECOGNISER]
    assert (again.state, again.since) == (DriftState.DRIFTED, on(81))


def test_a_night_between_two_judged_ones_accepts_too() -> None:
    states = [(on(1), DriftState.DRIFTED), (on(5), DriftState.DRIFTED)]
    assert first_accepted(states, [on(3)]) == on(3)
    assert first_accepted(states, [on(0)]) is None
    assert first_accepted(states, [on(9)]) == on(9)


def test_what_was_said_of_a_night_does_not_change_when_others_come_to_be_watched() -> None:
    one = shifted(60, 999, 1.3, 75)
    many = simulated(9, nights=60, groups=12)
    late = many.assign(night=[each + timedelta(days=40) for each in many["night"]])
    renamed = late.assign(group=[f"late-{each}" for each in late["group"]])
    alone = found(one, 74)[GAPS]
    beside = {
        (each.group, each.measure): each
        for each in assess(pd.concat([one, renamed[renamed["night"] <= on(99)]]))
    }[GAPS]
    assert alone.since == beside.since
