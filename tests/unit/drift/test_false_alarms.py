"""How often the charts cry wolf on nights that are all alike, and how soon they see a shift."""

from statistics import median

from fermata.drift import DriftRule, Measure
from tests.unit.drift.alarms import alarms
from tests.unit.drift.simulated_nights import FIRST_NIGHT, Shift, simulated

RULE = DriftRule()


def test_a_group_of_stationary_nights_alarms_less_than_once_a_year():
    years = 30
    found = [each for seed in range(years) for each in alarms(simulated(seed), RULE)]
    assert len(found) <= years * RULE.false_alarms_per_year / 4


def test_many_groups_together_alarm_less_than_once_a_year():
    years = 3
    found = [each for seed in range(years) for each in alarms(simulated(seed, groups=12), RULE)]
    assert len(found) <= years * RULE.false_alarms_per_year


def test_gaps_longer_by_30_percent_are_found_within_days_and_nothing_else_is():
    delays = []
    for seed in range(12):
        shift = Shift("group-1", from_night=60, factor=1.3)
        found = alarms(simulated(seed, nights=90, groups=4, shift=shift), RULE)
        assert {(each.group, each.measure) for each in found} == {("group-1", Measure.GAPS)}
        delays.append((found[0].on - FIRST_NIGHT).days - 60)
    assert median(delays) < 6
    assert max(delays) < 10
