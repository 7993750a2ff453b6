"""Follows the assessment night by night and notes when a measure comes to be drifted."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from fermata.drift import DriftRule, DriftState, Measure
from fermata.drift.assessment import _all_series
from fermata.drift.nights import one_row_per_night
from fermata.drift.phases import Charts, Phase, phases


@dataclass(frozen=True)
class Alarm:
    """A measure of a group that came to be drifted on a night."""

    group: str
    measure: Measure
    on: date


def alarms(nights: pd.DataFrame, rule: DriftRule, accepted: Collection[date] = ()) -> list[Alarm]:
    """All alarms of a span of nights, as `assess` would have raised them one after the other."""
    by_group = dict.fromkeys({"*", *nights["group"]}, accepted)
    series = list(_all_series(one_row_per_night(nights), rule, by_group))
    charts = Charts((each.nights for each in series), rule)
    return [
        Alarm(each.group, each.measure, on)
        for each in series
        for phase in phases(each.nights, each.scale, rule, charts, each.accepted)
        for on in _told_on(phase)
    ]


def _told_on(phase: Phase) -> Iterator[date]:
    before = DriftState.STEADY
    for standing in phase.standings:
        if standing.state is DriftState.DRIFTED and before is not DriftState.DRIFTED:
            yield standing.on
        before = standing.state
